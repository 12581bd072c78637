package io.multisqs.benchmarks;

import java.util.List;

/**
 * What is shown of one phase.
 *
 * @param title above the table
 * @param phase whose figures it shows
 * @param columns the first of which is also drawn
 * @param without consumers that do other work than is shown here, and would make the rest look
 *     small
 * @param note below it, empty if there is nothing to say
 */
record Table(String title, String phase, List<Column> columns, List<String> without, String note) {
  Table(String title, String phase, List<Column> columns) {
    this(title, phase, columns, List.of(), "");
  }
}
