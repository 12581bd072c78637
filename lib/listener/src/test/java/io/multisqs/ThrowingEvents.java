package io.multisqs;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** Each callback throws something, and is remembered. */
public final class ThrowingEvents extends ListenerEvents {
  /** The names of those that were called. */
  public final Set<String> called = new ConcurrentSkipListSet<>();

  private Error asTold(String callback) {
    called.add(callback);
    // As different as can be: a bug, a class path that is broken, a recursion without end, and what
    // other languages of the JVM need not declare.
    return switch (called.size() % 4) {
      case 0 -> throw new IllegalStateException(callback);
      case 3 -> throw ThrowingEvents.<RuntimeException>undeclared(new IOException(callback));
      case 1 -> new LinkageError(callback);
      default -> new StackOverflowError(callback);
    };
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T undeclared(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Override
  public void stateChanged(ListenerState from, ListenerState to) {
    throw asTold("stateChanged");
  }

  @Override
  public void received(String queue, int messages, Duration elapsed) {
    throw asTold("received");
  }

  @Override
  public void receiveFailed(String queue, Throwable failure, Duration retryIn) {
    throw asTold("receiveFailed");
  }

  @Override
  public void started(ReceivedMessage message, Duration waited) {
    throw asTold("started");
  }

  @Override
  public void handled(ReceivedMessage message, Duration elapsed) {
    throw asTold("handled");
  }

  @Override
  public void failed(
      ReceivedMessage message, Throwable failure, FailureAction action, Duration elapsed) {
    throw asTold("failed");
  }

  @Override
  public void timedOut(ReceivedMessage message, Duration limit) {
    throw asTold("timedOut");
  }

  @Override
  public void deleted(ReceivedMessage message) {
    throw asTold("deleted");
  }

  @Override
  public void deleteFailed(ReceivedMessage message, String reason) {
    throw asTold("deleteFailed");
  }

  @Override
  public void released(ReceivedMessage message, String reason) {
    throw asTold("released");
  }

  @Override
  public void leaseLost(ReceivedMessage message, boolean running) {
    throw asTold("leaseLost");
  }

  @Override
  public void lowerWorkHeld(Duration slotTime) {
    throw asTold("lowerWorkHeld");
  }

  @Override
  public void circuitBreaker(String queue, boolean open, @Nullable Throwable cause) {
    throw asTold("circuitBreaker " + (open ? "opens" : "closes"));
  }
}
