package io.multisqs.benchmarks.server;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Every message that is not deleted, by sequence number: chunks of an array, dropped when empty,
 * since numbers are given in order and mostly die in order. Touched by the loop's thread only.
 */
final class MessageTable {
  private static final int CHUNK = 4096;

  private @Nullable Chunk[] chunks = new Chunk[64];
  private final ArrayDeque<Chunk> spare = new ArrayDeque<>();
  private long next;

  long nextSequence() {
    return next++;
  }

  void put(WireMessage message) {
    int at = (int) (message.sequence / CHUNK);
    if (at >= chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(at + 1, 2 * chunks.length));
    }
    Chunk chunk = chunks[at];
    if (chunk == null) {
      chunk = spare.isEmpty() ? new Chunk() : spare.pop();
      chunks[at] = chunk;
    }
    chunk.messages[(int) (message.sequence % CHUNK)] = message;
    chunk.live++;
  }

  @Nullable WireMessage get(long sequence) {
    if (sequence < 0 || sequence >= next) {
      return null;
    }
    Chunk chunk = chunks[(int) (sequence / CHUNK)];
    return chunk == null ? null : chunk.messages[(int) (sequence % CHUNK)];
  }

  void remove(long sequence) {
    int at = (int) (sequence / CHUNK);
    Chunk chunk = chunks[at];
    int slot = (int) (sequence % CHUNK);
    if (chunk == null || chunk.messages[slot] == null) {
      return;
    }
    chunk.messages[slot] = null;
    if (--chunk.live == 0 && next / CHUNK > at) {
      chunks[at] = null;
      spare.push(chunk);
    }
  }

  private static final class Chunk {
    final @Nullable WireMessage[] messages = new WireMessage[CHUNK];
    int live;
  }
}
