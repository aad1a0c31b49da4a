@NullMarked
package ai.flameup.sync.demo;

import org.jspecify.annotations.NullMarked;
