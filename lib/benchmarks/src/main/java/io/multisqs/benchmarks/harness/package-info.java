/**
 * What runs around a consumer in its own JVM: {@link io.multisqs.benchmarks.harness.ConsumerMain}
 * starts it, lets it go through {@link io.multisqs.benchmarks.harness.Phase}s that it knows nothing
 * of, and prints one line of figures a phase.
 */
@NullMarked
package io.multisqs.benchmarks.harness;

import org.jspecify.annotations.NullMarked;
