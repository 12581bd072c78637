package io.multisqs.benchmarks.peers;

/** A listener that runs from its creation until it is closed. */
@FunctionalInterface
public interface Consumer extends AutoCloseable {
  /** Makes no new receive and ends soon; messages under way may be abandoned. */
  @Override
  void close();
}
