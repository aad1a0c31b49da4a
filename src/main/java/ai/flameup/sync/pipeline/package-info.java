@NullMarked
package ai.flameup.sync.pipeline;

import org.jspecify.annotations.NullMarked;
