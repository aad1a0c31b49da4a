package ai.flameup.sync.config;

import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.pipeline.PipelineSettings;
import java.nio.file.Path;

/**
 * How a run works. Immutable.
 *
 * @param firstLoad whether the first start sends the rows that exist already
 */
public record JobSettings(Path stateDirectory, PipelineSettings pipeline, boolean firstLoad, ObserveSettings observe) {}
