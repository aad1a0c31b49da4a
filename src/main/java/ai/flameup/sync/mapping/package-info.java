@NullMarked
package ai.flameup.sync.mapping;

import org.jspecify.annotations.NullMarked;
