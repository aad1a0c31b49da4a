@NullMarked
package ai.flameup.sync.observe;

import org.jspecify.annotations.NullMarked;
