@NullMarked
package ai.flameup.sync.app;

import org.jspecify.annotations.NullMarked;
