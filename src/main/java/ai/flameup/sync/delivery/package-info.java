@NullMarked
package ai.flameup.sync.delivery;

import org.jspecify.annotations.NullMarked;
