package io.multisqs;

/**
 * Something that stands around every handler call: tracing, a transaction, a log context.
 *
 * <p>Interceptors run on the handler's thread, the first one given outermost, and must be safe for
 * use by as many threads as there are slots. What one throws counts as the handler's failure.
 */
@FunctionalInterface
public interface MessageInterceptor {
  /**
   * Does its work around the rest of the chain. An interceptor that returns without calling {@code
   * next} has handled the message itself, and it is deleted.
   *
   * @param message the message
   * @param next the rest of the chain; call it at most once, on this thread
   * @throws Exception anything; treated like a failure of the handler
   */
  void intercept(ReceivedMessage message, Chain next) throws Exception;

  /** The rest of the chain, in the end the handler. */
  @FunctionalInterface
  interface Chain {
    /**
     * Runs the rest.
     *
     * @throws Exception what the handler or a later interceptor threw; let it pass
     */
    void proceed() throws Exception;
  }
}
