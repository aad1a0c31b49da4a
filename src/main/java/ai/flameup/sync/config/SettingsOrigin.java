package ai.flameup.sync.config;

import ai.flameup.sync.observe.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The file that the settings come from.
 *
 * @param named the path that a command must name to use this configuration; null for the system-wide file
 * @param notices what the operator should know about the file
 * @param reload reads the token file again; true if the token has changed
 */
public record SettingsOrigin(@Nullable Path named, List<Status.Notice> notices, BooleanSupplier reload) {}
