package ai.flameup.sync.config;

import ai.flameup.sync.delivery.PeoplePaths;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.PostgresSettings;

/** What a preview is told: everything that a request is made of, and no token to send it with. Immutable. */
public record PreviewSettings(PostgresSettings postgres, MappingSettings mapping, PeoplePaths paths) {}
