package io.multisqs.benchmarks.server;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/** The server's one thread: sockets, timers, and calls from other threads. */
final class WireLoop implements Runnable {
  private static final int READ_BYTES = 256 * 1024;
  private static final long MILLI = 1_000_000;

  /** A selector waits in whole milliseconds; below one, the loop naps this long between looks. */
  private static final long NAP = 100_000;

  private final WireState state;
  private final WireActions actions;
  private final ReceiveAnswer received;
  private final WireAdmin admin;
  private final Selector selector;
  private final ServerSocketChannel server;
  private final Queue<Runnable> calls = new ConcurrentLinkedQueue<>();
  private final ByteBuffer shared = ByteBuffer.allocateDirect(READ_BYTES);
  private final Thread thread;
  private volatile boolean closed;

  WireLoop(WireState state, int port) throws IOException {
    this.state = state;
    selector = Selector.open();
    server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    received = new ReceiveAnswer(state);
    actions = new WireActions(state, received, endpoint() + "/000000000000/");
    admin = new WireAdmin(state, this);
    thread = new Thread(this, "wire-sqs");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.socket().getLocalPort();
  }

  WireAdmin admin() {
    return admin;
  }

  long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
  }

  /** Runs the call on the loop's thread, with the time it runs at. */
  <T> T call(LongFunction<T> call) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    calls.add(
        () -> {
          try {
            answer.complete(call.apply(System.nanoTime()));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    selector.wakeup();
    LockSupport.unpark(thread);
    if (closed) {
      throw new IllegalStateException("the server is closed");
    }
    return answer.join();
  }

  void close() {
    closed = true;
    selector.wakeup();
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try {
      while (!closed) {
        select();
        for (Runnable call = calls.poll(); call != null; call = calls.poll()) {
          call.run();
        }
        state.timers.runDue(System.nanoTime());
      }
    } catch (IOException e) {
      throw new IllegalStateException("the server's selector failed, the server ends", e);
    } finally {
      shutDown();
    }
  }

  private void select() throws IOException {
    long wait = state.timers.untilNext(System.nanoTime());
    if (wait == Long.MAX_VALUE) {
      selector.select(this::ready);
    } else if (wait >= MILLI) {
      selector.select(this::ready, wait / MILLI);
    } else {
      if (wait > 0 && selector.selectNow(this::ready) == 0) {
        LockSupport.parkNanos(Math.min(wait, NAP));
      }
      selector.selectNow(this::ready);
    }
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof WireConnection connection) {
      connection.ready(shared);
    } else {
      accept();
    }
  }

  private void accept() {
    try {
      for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        key.attach(new WireConnection(channel, key, state, actions, received, admin));
      }
    } catch (IOException e) {
      System.err.println("a connection could not be accepted: " + e);
    }
  }

  private void shutDown() {
    for (SelectionKey key : selector.keys()) {
      if (key.attachment() instanceof WireConnection connection) {
        connection.close();
      }
    }
    try {
      server.close();
      selector.close();
    } catch (IOException e) {
      System.err.println("the server's port could not be closed: " + e);
    }
    for (Runnable call = calls.poll(); call != null; call = calls.poll()) {
      call.run(); // nobody is left waiting
    }
  }
}
