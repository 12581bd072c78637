package io.multisqs.benchmarks.peers;

/** What each consumer calls for each message, on whichever thread it runs handlers. */
@FunctionalInterface
public interface MessageHandler {
  /**
   * Handles one message.
   *
   * @param lane the index of its queue in {@link Setup#queues()}
   * @param body as received
   * @throws InterruptedException if the consumer ends
   */
  void handle(int lane, String body) throws InterruptedException;
}
