package io.multisqs;

/** What is done with each message: {@link MultiSqsListener#handleMessage} as a lambda. */
@FunctionalInterface
public interface MessageHandler {
  /**
   * Handles one message. Returning means done: the message is deleted. What is thrown goes to the
   * queue's {@link RetryPolicy}. Called by as many threads at once as there are slots.
   *
   * @param queue the queue's name
   * @param bus the bus that the queue feeds
   * @param priority the message's priority
   * @param message the message
   * @throws Exception anything; it costs this message a retry and nothing else
   */
  void handle(String queue, String bus, int priority, ReceivedMessage message) throws Exception;
}
