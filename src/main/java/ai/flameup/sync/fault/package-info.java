@NullMarked
package ai.flameup.sync.fault;

import org.jspecify.annotations.NullMarked;
