package io.multisqs.internal;

import java.lang.invoke.MethodHandles;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Makes the listener's threads, each with a name that says what it does. None inherits the
 * InheritableThreadLocals of whoever happened to start it, such as the user of a web request, whose
 * handler asked for one more thread: it would keep them for as long as it lives.
 */
final class Threads {
  private static final String PREFIX = "multisqs-";

  /** As large as it gives every thread. */
  private static final long STACK_OF_THE_JVM = 0;

  private final boolean virtual;
  private final Consumer<Thread> starter;
  private final AtomicInteger calls = new AtomicInteger();

  Threads(boolean virtual) {
    this(virtual, Thread::start);
  }

  /** The starter may throw, as {@link Thread#start} does where there is no room for another. */
  Threads(boolean virtual, Consumer<Thread> starter) {
    this.virtual = virtual;
    this.starter = starter;
  }

  /** Starts a handler's or poller's thread: virtual where asked for. */
  void start(String name, Runnable work) {
    start(virtual, true, name, work);
  }

  /**
   * Starts a thread that keeps the JVM alive: a listener that nobody stopped goes on though main
   * returned, and a stop is seen through to its last delete.
   */
  void startLasting(String name, Runnable work) {
    start(false, false, name, work);
  }

  /** Starts a thread for calls to SQS. */
  void startCall(String what, Runnable work) {
    start(virtual, true, what + "-" + calls.incrementAndGet(), work);
  }

  /** A thread that is not started yet, and keeps no JVM alive. */
  static Thread daemon(String name, Runnable work) {
    return make(false, true, name, work);
  }

  private void start(boolean virtual, boolean daemon, String name, Runnable work) {
    starter.accept(make(virtual, daemon, name, work));
  }

  private static Thread make(boolean virtual, boolean daemon, String name, Runnable work) {
    Thread thread =
        virtual
            ? Virtual.FACTORY.newThread(work)
            : new Thread(null, work, PREFIX + name, STACK_OF_THE_JVM, false);
    thread.setName(PREFIX + name);
    if (!virtual) {
      thread.setDaemon(daemon);
    }
    return thread;
  }

  /** Virtual threads are reached by name, since the library is compiled for Java 17. */
  private static final class Virtual {
    static final ThreadFactory FACTORY = factory();

    private static ThreadFactory factory() {
      try {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        Class<?> type = Class.forName("java.lang.Thread$Builder");
        lookup
            .unreflect(type.getMethod("inheritInheritableThreadLocals", boolean.class))
            .bindTo(builder)
            .invoke(false);
        return (ThreadFactory) lookup.unreflect(type.getMethod("factory")).bindTo(builder).invoke();
      } catch (Throwable e) {
        throw new IllegalStateException("virtualThreads needs JDK 21 or later", e);
      }
    }
  }
}
