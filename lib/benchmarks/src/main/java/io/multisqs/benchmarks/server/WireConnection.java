package io.multisqs.benchmarks.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: HTTP/1.1 kept alive, one request at a time. Touched by the loop's thread
 * only.
 *
 * <p>A request's bytes stay where they were read until it is answered, so that it can be read in
 * place half a round trip later.
 */
final class WireConnection {
  private final SocketChannel channel;
  private final SelectionKey key;
  private final WireState state;
  private final WireActions actions;
  private final ReceiveAnswer received;
  private final WireAdmin admin;

  private byte[] in = new byte[4096];
  private int filled;

  /** The request at the front of {@code in}; it is being served while {@code busy}. */
  private final HttpRequestHead request = new HttpRequestHead();

  private boolean busy;
  private boolean closed;
  private ByteBuffer @Nullable [] unwritten;

  // A receive that waits, and for which queue, until when.
  private @Nullable WireQueue waitingFor;
  private Timers.@Nullable Timer waitEnd;
  private int waitingMax;
  private long waitingVisibilityNanos;
  private int waitingAttributes;

  WireConnection(
      SocketChannel channel,
      SelectionKey key,
      WireState state,
      WireActions actions,
      ReceiveAnswer received,
      WireAdmin admin) {
    this.channel = channel;
    this.key = key;
    this.state = state;
    this.actions = actions;
    this.received = received;
    this.admin = admin;
  }

  void ready(ByteBuffer shared) {
    try {
      if (key.isWritable()) {
        flush();
      }
      if (!closed && key.isReadable()) {
        read(shared);
      }
    } catch (IOException e) {
      close(); // the client went away, which is its right
    } catch (RuntimeException e) {
      System.err.println("a connection is closed, its request was not understood: " + e);
      close();
    }
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    stopWaiting();
    try {
      channel.close();
    } catch (IOException e) {
      // it is gone either way
    }
  }

  private void read(ByteBuffer shared) throws IOException {
    shared.clear();
    int count = channel.read(shared);
    if (count < 0) {
      close();
      return;
    }
    if (filled + count > in.length) {
      in = Arrays.copyOf(in, Math.max(filled + count, 2 * in.length));
    }
    shared.flip().get(in, filled, count);
    filled += count;
    advance();
  }

  private void advance() {
    while (!busy && !closed && request.read(in, filled)) {
      busy = true;
      boolean isAdmin = request.target.isEmpty();
      long half = isAdmin ? 0 : state.halfTripNanos();
      if (half == 0) {
        serve(System.nanoTime());
      } else {
        state.timers.at(System.nanoTime() + half, this::serve);
      }
    }
  }

  private void serve(long now) {
    if (closed) {
      return;
    }
    if (request.target.isEmpty()) {
      answerNow(200, null, admin.serve(request.path, now));
    } else {
      actions.serve(this, request.target, in, request.bodyStart, request.bodyEnd, now);
    }
  }

  /** Answers with what stands in {@code state.body}, half a round trip from now. */
  void answer(int status, @Nullable String queryError, long now) {
    long half = state.halfTripNanos();
    if (half == 0) {
      answerNow(status, queryError, state.body);
    } else {
      byte[] body = state.body.copy();
      state.timers.at(
          now + half,
          later -> {
            state.body.clear();
            state.body.bytes(body);
            answerNow(status, queryError, state.body);
          });
    }
  }

  private void answerNow(int status, @Nullable String queryError, Out body) {
    if (closed) {
      return;
    }
    Out head = state.head;
    head.clear();
    head.ascii(status == 200 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 400 Bad Request\r\n")
        .ascii("Content-Type: application/x-amz-json-1.0\r\n");
    if (queryError != null) {
      head.ascii("x-amzn-query-error: ").ascii(queryError).ascii(";Sender\r\n");
    }
    if (request.closeAfter) {
      head.ascii("Connection: close\r\n");
    }
    head.ascii("Content-Length: ").number(body.length).ascii("\r\n\r\n");
    ByteBuffer[] buffers = {
      ByteBuffer.wrap(head.data, 0, head.length), ByteBuffer.wrap(body.data, 0, body.length)
    };
    try {
      channel.write(buffers);
      if (buffers[1].hasRemaining()) {
        unwritten =
            new ByteBuffer[] {
              ByteBuffer.allocate(buffers[0].remaining()).put(buffers[0]).flip(),
              ByteBuffer.allocate(buffers[1].remaining()).put(buffers[1]).flip()
            };
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      } else {
        finish();
      }
    } catch (IOException e) {
      close();
    }
  }

  private void flush() throws IOException {
    ByteBuffer[] rest = unwritten;
    if (rest == null) {
      return;
    }
    channel.write(rest);
    if (!rest[1].hasRemaining()) {
      unwritten = null;
      key.interestOps(SelectionKey.OP_READ);
      finish();
    }
  }

  private void finish() {
    if (request.closeAfter) {
      close();
      return;
    }
    System.arraycopy(in, request.bodyEnd, in, 0, filled - request.bodyEnd);
    filled -= request.bodyEnd;
    busy = false;
    if (filled > 0) {
      advance();
    }
  }

  /** Lets a receive wait for a message until {@code deadline}. */
  void await(WireQueue queue, int max, long visibilityNanos, int attributes, long deadline) {
    waitingFor = queue;
    waitingMax = max;
    waitingVisibilityNanos = visibilityNanos;
    waitingAttributes = attributes;
    queue.waiting.add(this);
    waitEnd =
        state.timers.at(
            deadline,
            now -> {
              stopWaiting();
              received.give(this, queue, max, visibilityNanos, attributes, now);
            });
  }

  /** Called by the queue, which has taken this connection from its waiting ones. */
  void handOut(WireQueue queue, long now) {
    stopWaiting();
    received.give(this, queue, waitingMax, waitingVisibilityNanos, waitingAttributes, now);
  }

  private void stopWaiting() {
    if (waitingFor != null) {
      waitingFor.waiting.remove(this);
      waitingFor = null;
    }
    if (waitEnd != null) {
      waitEnd.cancel();
      waitEnd = null;
    }
  }
}
