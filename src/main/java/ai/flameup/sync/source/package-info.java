@NullMarked
package ai.flameup.sync.source;

import org.jspecify.annotations.NullMarked;
