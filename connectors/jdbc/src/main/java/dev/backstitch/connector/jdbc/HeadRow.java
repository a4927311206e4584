package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.Head;
import java.util.Optional;

/**
 * The head row with what only connectors read.
 *
 * @param head what everybody may see
 * @param shadow the complete shadow's identity
 * @param baseline what {@link Drift} noted at the seed
 * @param seal what {@link Seals} noted at the last measure
 */
record HeadRow(Head head, Optional<String> shadow, Optional<String> baseline, Optional<String> seal) {}
