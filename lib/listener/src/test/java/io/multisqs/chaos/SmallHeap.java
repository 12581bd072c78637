package io.multisqs.chaos;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.VirtualThreads;
import io.multisqs.testkit.LocalSqs;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A process with a small heap that listens to ten queues of large messages, and prints what it
 * needed. Arguments: endpoint, messages in all.
 */
final class SmallHeap {
  private SmallHeap() {}

  public static void main(String... args) throws Exception {
    int messages = Integer.parseInt(args[1]);
    AtomicInteger handled = new AtomicInteger();
    List<SqsListenerConfig> queues =
        IntStream.range(0, 10)
            .mapToObj(
                n ->
                    SqsListenerConfig.builder("large-" + n)
                        .priority(1 + n % 2)
                        .polling(Polling.longPoll(Duration.ofSeconds(1)))
                        .prefetch(100)
                        .build())
            .toList();
    MultiSqsListener listener =
        MultiSqsListener.of(
            queues,
            ListenerOptions.builder()
                .endpointOverride(URI.create(args[0]))
                .region(LocalSqs.REGION.id())
                .concurrency(10)
                .virtualThreads(VirtualThreads.areAskedFor())
                .build(),
            (queue, bus, priority, message) -> {
              Thread.sleep(10);
              handled.incrementAndGet();
            });
    listener.start();
    long most = 0;
    while (handled.get() < messages) {
      most = Math.max(most, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
      Thread.sleep(5);
    }
    StopAccount account = listener.stop(Duration.ofSeconds(20));
    System.out.println(
        "handled "
            + handled
            + " of 1 MiB; most in use at once "
            + (most >> 20)
            + " MiB of "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB, garbage included; "
            + account);
    System.exit(account.addsUp() && account.abandoned().isEmpty() ? 0 : 1);
  }
}
