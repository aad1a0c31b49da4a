package ai.flameup.sync.config;

import ai.flameup.sync.delivery.PeoplePaths;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.PostgresSettings;

/** The settings of a preview: everything that a request consists of, without the token to send it. Immutable. */
public record PreviewSettings(PostgresSettings postgres, MappingSettings mapping, PeoplePaths paths) {}
