package io.multisqs.internal;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is had, sooner or later, though there be no memory. Java 17's needs some to queue for
 * it, and throws where there is none: out of the middle of what must be seen through, such as the
 * books of a message that has ended.
 */
final class SureLock extends ReentrantLock {
  private static final long serialVersionUID = 1L;

  @Override
  public void lock() {
    for (; ; ) {
      try {
        super.lock();
        return;
      } catch (OutOfMemoryError e) {
        LockSupport.parkNanos(1_000_000); // who holds it goes on
      }
    }
  }
}
