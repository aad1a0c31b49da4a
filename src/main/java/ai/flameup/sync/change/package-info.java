@NullMarked
package ai.flameup.sync.change;

import org.jspecify.annotations.NullMarked;
