package io.multisqs.benchmarks.server;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * When each message last became visible, was last handed out, and was deleted, on {@link
 * System#nanoTime()}'s scale; 0 for never. Written by the loop's thread, read by any. Three longs a
 * message.
 */
final class Journal {
  private static final int CHUNK = 16_384;
  private static final int VISIBLE = 0;
  private static final int HANDED_OUT = 1;
  private static final int DELETED = 2;

  private final AtomicReferenceArray<@Nullable AtomicLongArray> chunks =
      new AtomicReferenceArray<>(65_536);
  private volatile boolean on;

  Journal(boolean on) {
    this.on = on;
  }

  void on(boolean value) {
    on = value;
  }

  void visible(long sequence, long at) {
    write(sequence, VISIBLE, at);
  }

  void handedOut(long sequence, long at) {
    write(sequence, HANDED_OUT, at);
  }

  void deleted(long sequence, long at) {
    write(sequence, DELETED, at);
  }

  long visibleAt(long sequence) {
    return read(sequence, VISIBLE);
  }

  long handedOutAt(long sequence) {
    return read(sequence, HANDED_OUT);
  }

  long deletedAt(long sequence) {
    return read(sequence, DELETED);
  }

  private void write(long sequence, int what, long at) {
    if (!on) {
      return;
    }
    int index = (int) (sequence / CHUNK);
    AtomicLongArray chunk = chunks.get(index);
    if (chunk == null) {
      chunk = new AtomicLongArray(3 * CHUNK);
      chunks.set(index, chunk);
    }
    chunk.setRelease(3 * (int) (sequence % CHUNK) + what, at);
  }

  private long read(long sequence, int what) {
    AtomicLongArray chunk = chunks.get((int) (sequence / CHUNK));
    return chunk == null ? 0 : chunk.getAcquire(3 * (int) (sequence % CHUNK) + what);
  }
}
