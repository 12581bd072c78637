package io.multisqs.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** Threads that repeat a step until they are closed; a step that fails is reported and repeated. */
final class Loops implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private final ThreadFactory factory;
  private volatile boolean closed;

  /** One round of a loop. */
  interface Step {
    void run() throws InterruptedException;
  }

  Loops() {
    this(Thread::new);
  }

  Loops(ThreadFactory factory) {
    this.factory = factory;
  }

  void start(String name, Step step) {
    Thread thread = factory.newThread(() -> repeat(step));
    thread.setName(name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void repeat(Step step) {
    while (!closed) {
      try {
        step.run();
      } catch (InterruptedException e) {
        return; // only close() interrupts
      } catch (RuntimeException e) {
        if (!closed) {
          System.err.println(Thread.currentThread().getName() + ": " + e);
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
  }
}
