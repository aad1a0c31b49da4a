@NullMarked
package ai.flameup.sync.doctor;

import org.jspecify.annotations.NullMarked;
