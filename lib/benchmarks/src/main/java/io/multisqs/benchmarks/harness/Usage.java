package io.multisqs.benchmarks.harness;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.reflect.InvocationTargetException;

/**
 * What this process has used up to now.
 *
 * @param atNanos when this was looked up
 * @param cpuNanos of the whole process, garbage collection and compilation included
 * @param allocatedBytes by all threads; before JDK 21 only by those that are alive
 * @param endedThreads threads that ended before, and so are missing in that
 */
record Usage(long atNanos, long cpuNanos, long allocatedBytes, long endedThreads) {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Usage now() {
    long allocated = allocated();
    long ended =
        Runtime.version().feature() >= 21
            ? 0
            : THREADS.getTotalStartedThreadCount() - THREADS.getThreadCount();
    return new Usage(System.nanoTime(), SYSTEM.getProcessCpuTime(), allocated, ended);
  }

  /** What was allocated since then; not a number if a thread took what it allocated along. */
  double allocatedSince(Usage before) {
    return endedThreads == before.endedThreads
        ? allocatedBytes - before.allocatedBytes
        : Double.NaN;
  }

  static int threads() {
    return THREADS.getThreadCount();
  }

  /**
   * What a collection leaves while the consumer goes on working: not what is used a moment after
   * it, when a fast consumer has allocated a megabyte again. The less of two, as a small collection
   * may come in between.
   */
  static long liveHeapBytes() {
    return Math.min(leftByCollection(), leftByCollection());
  }

  private static long leftByCollection() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null)
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }

  private static long allocated() {
    try {
      return (long) ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes").invoke(THREADS);
    } catch (NoSuchMethodException e) {
      long sum = 0;
      for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
        sum += Math.max(0, bytes);
      }
      return sum;
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("this JVM does not tell what it allocates", e);
    }
  }
}
