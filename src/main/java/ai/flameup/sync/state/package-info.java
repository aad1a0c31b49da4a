@NullMarked
package ai.flameup.sync.state;

import org.jspecify.annotations.NullMarked;
