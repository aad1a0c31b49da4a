@NullMarked
package ai.flameup.sync.cli;

import org.jspecify.annotations.NullMarked;
