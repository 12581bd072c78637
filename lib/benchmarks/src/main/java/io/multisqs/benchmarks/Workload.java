package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Phase;
import java.util.List;

/**
 * What a consumer's JVM is taken through, and what is shown of it.
 *
 * @param name on the command line
 * @param consumers by default
 * @param queues to listen to
 * @param concurrency handlers at once
 * @param phases in order; none means that the first message after the JVM's start is all that
 *     counts
 * @param tables one a phase that is shown
 */
record Workload(
    String name,
    List<String> consumers,
    List<String> queues,
    int concurrency,
    List<Phase> phases,
    List<Table> tables) {}
