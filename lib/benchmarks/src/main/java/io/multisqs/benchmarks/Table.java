package io.multisqs.benchmarks;

import java.util.List;

/**
 * What is shown of one phase.
 *
 * @param title above the table
 * @param phase whose figures it shows
 * @param columns the first of which is also drawn
 */
record Table(String title, String phase, List<Column> columns) {}
