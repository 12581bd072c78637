package io.multisqs.chaos;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.VirtualThreads;
import io.multisqs.internal.Books;
import io.multisqs.testkit.LocalSqs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A listener in a process of its own, to be killed. It appends to its log, one line with one write,
 * so that a killed process leaves whole lines: {@code S n t} when a handler starts on message n at
 * time t, {@code H n t} when it is about to return, {@code F …} its figures now and then, {@code A
 * …} its account when it was stopped by SIGTERM.
 *
 * <p>Arguments: endpoint, log file, the queues by name, the higher ones last. Properties: {@code
 * slots}, {@code slow} (the share of handlers that outlast {@code slowMillis}), {@code fails}
 * (their share), {@code figures} (seconds between two, 0 for none), {@code attemptMillis} (a call's
 * time-out; 0 for the library's own client).
 */
final class ListenerProcess {
  private final FileChannel log;
  private final double slow = number("slow", 0);
  private final long slowMillis = (long) number("slowMillis", 0);
  private final double fails = number("fails", 0);
  private final Set<String> running = ConcurrentHashMap.newKeySet();

  private ListenerProcess(Path log) throws IOException {
    this.log = FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  public static void main(String... args) throws Exception {
    new ListenerProcess(Path.of(args[1]))
        .run(URI.create(args[0]), List.of(args).subList(2, args.length));
  }

  private static double number(String name, double otherwise) {
    return Double.parseDouble(System.getProperty(name, "" + otherwise));
  }

  private void run(URI endpoint, List<String> names) {
    List<SqsListenerConfig> queues =
        names.stream()
            .map(
                name ->
                    SqsListenerConfig.builder(name)
                        .priority(names.indexOf(name) + 1)
                        .polling(Polling.longPoll(Duration.ofSeconds(2)))
                        .retry(RetryPolicy.fixed(Duration.ofSeconds(1)))
                        .build())
            .toList();
    ListenerOptions.Builder options =
        ListenerOptions.builder()
            .region(LocalSqs.REGION.id())
            .concurrency((int) number("slots", 8))
            .virtualThreads(VirtualThreads.areAskedFor())
            .stopTimeout(Duration.ofSeconds(20))
            .stopOnShutdown(true);
    long attempt = (long) number("attemptMillis", 0);
    if (attempt > 0) {
      options.sqsClient(client(endpoint, Duration.ofMillis(attempt)));
    } else {
      options.endpointOverride(endpoint);
    }
    MultiSqsListener listener =
        MultiSqsListener.of(queues, options.build(), (queue, bus, priority, m) -> handle(m));
    // The listener's own hook stops it; this one waits for that, and writes the account down.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> account(listener), "account"));
    long figures = (long) number("figures", 0);
    if (figures > 0) {
      Thread thread = new Thread(() -> figuresEvery(figures, listener), "figures");
      thread.setDaemon(true);
      thread.start();
    }
    listener.listen();
  }

  private static SqsClient client(URI endpoint, Duration attempt) {
    return SqsClient.builder()
        .endpointOverride(endpoint)
        .region(LocalSqs.REGION)
        .credentialsProvider(LocalSqs.credentials())
        .httpClientBuilder(
            software.amazon.awssdk.http.apache5.Apache5HttpClient.builder().maxConnections(200))
        .overrideConfiguration(
            c -> c.apiCallAttemptTimeout(attempt).retryStrategy(AwsRetryStrategy.doNotRetry()))
        .build();
  }

  private void handle(ReceivedMessage message) throws Exception {
    if (!running.add(message.id())) {
      write("B " + message.body() + " is with two handlers of this process");
    }
    try {
      write("S " + message.body() + " " + System.nanoTime());
      ThreadLocalRandom random = ThreadLocalRandom.current();
      Thread.sleep(random.nextDouble() < slow ? slowMillis : random.nextInt(5, 15));
      if (random.nextDouble() < fails) {
        throw new IllegalStateException("failing as planned");
      }
      write("H " + message.body() + " " + System.nanoTime());
    } finally {
      running.remove(message.id());
    }
  }

  private void account(MultiSqsListener listener) {
    StopAccount account = listener.stop(Duration.ofSeconds(20));
    long deleting =
        account.abandoned().stream().filter(a -> a.reason().startsWith("handled")).count();
    write(
        "A "
            + (account.addsUp() ? "adds-up" : "DOES-NOT-ADD-UP")
            + " "
            + (account.handled() + account.unconfirmed() + deleting)
            + " "
            + account.elapsed().toMillis()
            + " "
            + account
            + "; "
            + Books.of(listener));
  }

  private void figuresEvery(long seconds, MultiSqsListener listener) {
    try {
      for (; ; ) {
        Thread.sleep(seconds * 1_000);
        System.gc();
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024;
        int threads = ManagementFactory.getThreadMXBean().getThreadCount();
        write("F threads " + threads + " heapKiB " + heap + " " + Books.of(listener));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(String line) {
    try {
      log.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
