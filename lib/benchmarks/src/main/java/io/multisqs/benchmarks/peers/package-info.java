/**
 * What is measured side by side: this library's rivals, each behind {@link
 * io.multisqs.benchmarks.peers.Consumer} and set up the way its own documentation shows, and
 * hand-written loops as the practical floor.
 */
@NullMarked
package io.multisqs.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
