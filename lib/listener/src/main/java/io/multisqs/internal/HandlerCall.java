package io.multisqs.internal;

/**
 * One call of a handler, which may be interrupted for a reason of the listener's. Such an interrupt
 * never outlives the handler that it was meant for. Thread-safe.
 */
final class HandlerCall {
  /** Why the listener interrupted a handler. */
  enum Cause {
    NONE,
    LIMIT,
    STOP
  }

  private final Delivery delivery;
  private final Thread thread = Thread.currentThread();
  private final boolean interruptedBefore = thread.isInterrupted();
  private boolean over; // guarded by this
  private Cause interrupted = Cause.NONE; // guarded by this

  HandlerCall(Delivery delivery) {
    this.delivery = delivery;
  }

  Delivery delivery() {
    return delivery;
  }

  Thread thread() {
    return thread;
  }

  /** The handler ended; returns why the listener interrupted it, if it did. */
  Cause end() {
    delivery.handlerEnded();
    synchronized (this) {
      over = true;
      if (interrupted != Cause.NONE && !interruptedBefore) {
        // The listener's, and for this handler: the next message must not meet it.
        boolean unused = Thread.interrupted();
      }
      return interrupted;
    }
  }

  /** Whether the handler still runs, and is now to be interrupted for this cause. */
  boolean decide(Cause cause) {
    synchronized (this) {
      if (over || interrupted != Cause.NONE) {
        return false;
      }
      interrupted = cause;
      return true;
    }
  }

  /** Interrupts the handler as was decided, unless it has ended since. */
  void interrupt() {
    synchronized (this) {
      if (!over) {
        thread.interrupt();
      }
    }
  }

  /** Where the handler is now. */
  Throwable whereItIs() {
    Throwable where = new Throwable("where it is now");
    where.setStackTrace(thread.getStackTrace());
    return where;
  }
}
