/**
 * Side-by-side measurements, never published: {@link io.multisqs.benchmarks.Bench} starts a server,
 * lets each consumer do the same work in a fresh JVM, round by round, and writes tables and charts.
 */
@NullMarked
package io.multisqs.benchmarks;

import org.jspecify.annotations.NullMarked;
