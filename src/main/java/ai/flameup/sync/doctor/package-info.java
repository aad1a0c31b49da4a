/**
 * The checks of {@code flameup-sync doctor}, and what they find.
 *
 * <p>{@link ai.flameup.sync.doctor.Examination} runs the checks in order. Each {@code ...Check} inspects one subject and
 * returns {@link ai.flameup.sync.doctor.Finding}s: what is wrong, with the value, and a remedy to paste. Checks change
 * nothing, neither in the state directory nor at the server nor at Flameup.
 *
 * <p>Rules that a run applies as well are not here: they are in {@code source}, {@code state} and {@code delivery}, and a
 * check calls them. Printing the findings is the command's task. It may use {@code source}, {@code delivery}, {@code state},
 * {@code mapping}, {@code change} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.doctor;

import org.jspecify.annotations.NullMarked;
