package io.multisqs.internal;

import io.multisqs.MultiSqsListener;
import java.lang.reflect.Field;

/**
 * A listener's books, for tests that look for what leaks: all zero when it has stopped and
 * abandoned nothing.
 *
 * @param requested credits of receives that were not answered
 * @param waiting credits of messages that wait
 * @param bytes of the byte budget that are taken
 * @param slots slots in use
 * @param here messages of this process
 */
public record Books(int requested, int waiting, long bytes, int slots, int here) {

  /** Reads them, all at the same moment. */
  public static Books of(MultiSqsListener listener) {
    Board board = (Board) field(ListenerRuntime.class, "board", runtime(listener));
    board.lock();
    try {
      int requested = 0;
      int waiting = 0;
      int here = 0;
      for (Lane lane : board.lanes) {
        requested += lane.credits.requested();
        waiting += lane.credits.waiting();
        here += lane.here.size();
      }
      return new Books(requested, waiting, board.bytes.used(), board.slots.inUse(), here);
    } finally {
      board.unlock();
    }
  }

  /** Whether nothing is left. */
  public boolean areClosed() {
    return equals(new Books(0, 0, 0, 0, 0));
  }

  private static Object runtime(MultiSqsListener listener) {
    return field(MultiSqsListener.class, "runtime", listener);
  }

  private static Object field(Class<?> type, String name, Object of) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the listener is built otherwise now", e);
    }
  }
}
