/**
 * The checks of {@code flameup-sync doctor}.
 *
 * <p>{@code Examination} runs all checks in order. Each {@code ...Check} inspects one subject and returns findings: what is
 * wrong, with the value, and a remedy to paste. Checks change nothing, neither in the state directory nor at the server nor
 * at Flameup.
 *
 * <p>Rules that a run applies as well are not here: they are in {@code source}, {@code state} and {@code delivery}, and a
 * check calls them. Printing is the command's task. It may use its own sub-packages (doctor → postgres → finding) and
 * {@code source}, {@code delivery}, {@code state}, {@code mapping}, {@code change} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.doctor;

import org.jspecify.annotations.NullMarked;
