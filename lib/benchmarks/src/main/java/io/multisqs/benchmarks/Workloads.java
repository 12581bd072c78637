package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Phase;
import io.multisqs.benchmarks.harness.Phase.Feed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Every workload, made for a pace: how long consumers warm up, and how long is measured. They warm
 * up wholly where a table is there for its CPU, and for a part of that elsewhere, so that all of it
 * ends within hours; each table says for how long.
 */
final class Workloads {
  private static final List<String> LISTENERS =
      List.of(
          "multisqs",
          "multisqs-tuned",
          "raw-apache5",
          "raw-pool-apache5",
          "spring",
          "spring-tuned",
          "spring-prefetch",
          "dynamic-batching",
          "dynamic-prefetching",
          "dynamic-tuned",
          "jms",
          "batch-manager");

  /** Where rows are long or many: the floor, and of each library a form or two. */
  private static final List<String> SOME_OF_EACH =
      List.of(
          "multisqs",
          "raw-apache5",
          "spring",
          "spring-prefetch",
          "dynamic-tuned",
          "jms",
          "batch-manager");

  private static final List<String> HTTP_CLIENTS =
      List.of(
          "raw-url-connection",
          "raw-apache",
          "raw-apache5",
          "raw-crt",
          "raw-async-netty",
          "raw-async-crt",
          "multisqs-url-connection",
          "multisqs-apache",
          "multisqs-apache5",
          "multisqs-crt");

  private static final List<Column> NOOP =
      List.of(
          Column.RATE,
          Column.CPU,
          Column.SERVER_CPU,
          Column.RECEIVES,
          Column.DELETES,
          Column.REQUESTS,
          Column.ALLOCATED,
          Column.HEAP,
          Column.THREADS);
  private static final List<Column> STREAM =
      List.of(
          Column.WAIT_P50,
          Column.WAIT_P99,
          Column.RECEIVES,
          Column.DELETES,
          Column.LEASES,
          Column.REQUESTS,
          Column.CPU,
          Column.THREADS);
  private static final List<Column> IDLE =
      List.of(Column.REQUESTS_PER_MINUTE, Column.CPU_PER_SECOND, Column.THREADS, Column.HEAP);
  private static final List<Column> GROWTH =
      List.of(
          Column.RATE,
          Column.HANDLED,
          Column.CPU,
          Column.ALLOCATED,
          Column.HEAP,
          Column.HEAP_HALF_WAY);
  private static final List<Column> PRIORITY =
      List.of(
          Column.LAST_STARTS,
          Column.HIGH_P50,
          Column.HIGH_P99,
          Column.INVERSIONS,
          Column.INVERSIONS_BEYOND,
          Column.RATE,
          Column.REQUESTS);

  private final Pace pace;

  private Workloads(Pace pace) {
    this.pace = pace;
  }

  /** All of them, by name. */
  static Map<String, Workload> at(Pace pace) {
    Workloads make = new Workloads(pace);
    Map<String, Workload> all = new LinkedHashMap<>();
    for (Workload workload :
        List.of(
            make.ten("ten", LISTENERS),
            make.steady(),
            make.trickle(),
            make.slots("fifty", 50, 4, withFewSlots()),
            make.thousand(),
            make.priority(1),
            make.priority(10),
            make.queues(1),
            make.queues(10),
            make.queues(100),
            make.idle("idle", "An idle queue", 1, LISTENERS),
            make.idle("idle-100", "100 queues, all idle", 100, SOME_OF_EACH),
            make.start(),
            make.growth(),
            make.ten("http", HTTP_CLIENTS))) {
      all.put(workload.name(), workload);
    }
    return all;
  }

  private Workload ten(String name, List<String> consumers) {
    return new Workload(
        name,
        consumers,
        List.of("work"),
        10,
        List.of(
            warmUp(1),
            window("noop-0", Feed.ENDLESS),
            far(window("noop-15", Feed.ENDLESS)),
            work(20),
            far(stream("stream-15")),
            stream("stream-0")),
        List.of(
            new Table("A handler that does nothing, no latency", "noop-0", NOOP),
            new Table("A handler that does nothing, 15 ms latency", "noop-15", NOOP),
            worked("20 ms handlers, 10 slots, 15 ms latency", 10),
            new Table("200 messages a second, 15 ms latency", "stream-15", STREAM),
            new Table("200 messages a second, no latency", "stream-0", STREAM)));
  }

  /**
   * Never anything but handlers of 20 ms, as most users have it: what a flood before it needed, its
   * threads and buffers, is not in the heap that is measured.
   */
  private Workload steady() {
    return new Workload(
        "steady",
        withFewSlots(),
        List.of("work"),
        10,
        List.of(far(warmUp(4)).with("handlerMillis", "20"), work(20)),
        List.of(worked("20 ms handlers, 10 slots, 15 ms latency, and no flood before", 10)));
  }

  /**
   * After half a minute of its kind each: at 200 messages a second the compiler needs about that
   * long for what only a trickle runs.
   */
  private Workload trickle() {
    String title = "200 messages a second for half a minute before, ";
    return new Workload(
        "trickle",
        SOME_OF_EACH,
        List.of("work"),
        10,
        List.of(warmUp(1), settled(far(stream("stream-15"))), settled(stream("stream-0"))),
        List.of(
            new Table(title + "15 ms latency", "stream-15", STREAM),
            new Table(title + "no latency", "stream-0", STREAM)));
  }

  private Phase settled(Phase stream) {
    return stream.with("settleMillis", "" + 15 * pace.settleMillis());
  }

  /**
   * With handlers of 20 ms that is 50,000 messages a second, more than two cores can do whoever
   * consumes; with 200 ms it shows whether so many slots are kept busy.
   */
  private Workload thousand() {
    Workload twenty = slots("thousand", 1000, 2, withVirtualThreads());
    List<Phase> phases = new ArrayList<>(twenty.phases());
    phases.add(work(200));
    List<Table> tables = new ArrayList<>(twenty.tables());
    tables.add(worked("200 ms handlers, 1000 slots, 15 ms latency", 200, 1000));
    return twenty.with(phases, tables);
  }

  /** Spring tuned takes 200 slots whatever is asked for. */
  private static List<String> withFewSlots() {
    return LISTENERS.stream().filter(name -> !name.equals("spring-tuned")).toList();
  }

  private static List<String> withVirtualThreads() {
    List<String> consumers = new ArrayList<>(LISTENERS);
    consumers.add(2, "multisqs-virtual");
    consumers.add(consumers.indexOf("raw-pool-apache5") + 1, "raw-pool-virtual");
    return consumers;
  }

  private Workload slots(String name, int slots, int shortenedBy, List<String> consumers) {
    return new Workload(
        name,
        consumers,
        List.of("work"),
        slots,
        List.of(warmUp(shortenedBy), work(20)),
        List.of(worked("20 ms handlers, " + slots + " slots, 15 ms latency", slots)));
  }

  private Workload priority(int slots) {
    String many = slots == 1 ? "1 slot" : slots + " slots";
    String title = "Bursts of 200 urgent messages, 5 ms handlers, " + many + ", ";
    String note =
        many
            + (slots == 1 ? " is" : " are")
            + " this library's and raw-strict's for both queues together; the others have "
            + slots
            + " for each queue, batch-manager in one pool, so their rates do not compare.";
    return new Workload(
        "priority-" + slots,
        List.of(
            "multisqs",
            "multisqs-no-hold",
            "raw-strict",
            "raw-apache5",
            "spring",
            "spring-prefetch",
            "dynamic-batching",
            "dynamic-tuned",
            "jms",
            "batch-manager"),
        List.of("low", "high"),
        slots,
        List.of(warmUp(4), bursts("bursts-0"), far(bursts("bursts-15"))),
        List.of(
            new Table(title + "no latency", "bursts-0", PRIORITY, List.of(), note),
            new Table(title + "15 ms latency", "bursts-15", PRIORITY, List.of(), note)));
  }

  /** One that is busy, alone and among idle ones. */
  private Workload queues(int count) {
    String title = count == 1 ? "One queue, busy" : count + " queues, one busy";
    return new Workload(
        "queues-" + count,
        SOME_OF_EACH,
        names(count),
        10,
        List.of(warmUp(4), window("noop-0", Feed.ENDLESS), work(20)),
        List.of(
            new Table(title + ", a handler that does nothing", "noop-0", NOOP),
            worked(title + ", 20 ms handlers", 10)));
  }

  /**
   * Settles for longer than a poll of 20 s, so that those that the work before left under way are
   * over, and measures for three of them. The warm-up is whole: with what a shorter one left to it
   * the compiler would go on for minutes, and take more than all else.
   */
  private Workload idle(String name, String title, int queues, List<String> consumers) {
    return new Workload(
        name,
        consumers,
        names(queues),
        10,
        List.of(
            warmUp(1),
            far(Phase.of("idle", Feed.IDLE))
                .with("settleMillis", "" + 25 * pace.settleMillis() / 2)
                .with("windowMillis", "" + 30 * pace.settleMillis())),
        List.of(new Table(title, "idle", IDLE)));
  }

  private static List<String> names(int queues) {
    return IntStream.range(0, queues).mapToObj(i -> "work" + i).toList();
  }

  private Workload start() {
    List<String> consumers = new ArrayList<>(LISTENERS);
    consumers.addAll(HTTP_CLIENTS);
    return new Workload(
        "start",
        consumers.stream().distinct().toList(),
        List.of("work"),
        10,
        List.of(),
        List.of(
            new Table("Start of the JVM to the first message", "start", List.of(Column.FIRST))));
  }

  /**
   * Backlogs from small to large, and then 10,000 and 100,000 messages once more: the first ones
   * find a JVM that still compiles, so what the million cost shows by comparing with those after
   * it.
   */
  private Workload growth() {
    List<Phase> phases = new ArrayList<>(List.of(warmUp(4)));
    List<Table> tables = new ArrayList<>();
    for (int count : new int[] {1_000, 10_000, 100_000, 1_000_000}) {
      backlog("", count, 1, phases, tables);
    }
    backlog(" once more", 10_000, 1, phases, tables);
    backlog(" once more", 100_000, 1, phases, tables);
    backlog("", 100_000, 16, phases, tables);
    backlog("", 10_000, 256, phases, tables);
    return new Workload("growth", SOME_OF_EACH, List.of("work"), 10, phases, tables);
  }

  /** Waited for two minutes at most: one for each half. */
  private void backlog(String again, int count, int kib, List<Phase> phases, List<Table> tables) {
    if (count > pace.largestBacklog()) {
      return;
    }
    String name = "messages-" + count + "-kib-" + kib + again.replace(' ', '-');
    phases.add(
        Phase.of(name, Feed.COUNT)
            .with("count", "" + count)
            .with("bytes", "" + 1024 * kib)
            .with("windowMillis", "120000"));
    tables.add(new Table(count + " messages of " + kib + " KiB" + again, name, GROWTH));
  }

  /**
   * Handlers of 20 ms. Spring tuned takes 200 slots whatever is asked for, so it is shown only
   * where as many are.
   */
  private static Table worked(String title, int slots) {
    return worked(title, 20, slots);
  }

  private static Table worked(String title, int handlerMillis, int slots) {
    List<Column> columns = new ArrayList<>(NOOP);
    columns.add(1, Column.share(1000.0 / handlerMillis * slots));
    columns.add(2, Column.atWork(slots));
    List<String> without = slots < 200 ? List.of("spring-tuned") : List.of();
    return new Table(title, workPhase(handlerMillis), columns, without, "");
  }

  private Phase warmUp(int shortenedBy) {
    return Phase.of(Workload.WARM_UP, Feed.ENDLESS)
        .with("settleMillis", "0")
        .with("windowMillis", "" + pace.warmUpMillis() / shortenedBy);
  }

  private Phase window(String name, Feed feed) {
    return Phase.of(name, feed)
        .with("settleMillis", "" + pace.settleMillis())
        .with("windowMillis", "" + pace.windowMillis());
  }

  /** Twice as long as others: of 200 a second the hundredth part is to be more than a few. */
  private Phase stream(String name) {
    return window(name, Feed.STREAM).with("windowMillis", "" + 2 * pace.windowMillis());
  }

  private Phase work(int handlerMillis) {
    return far(window(workPhase(handlerMillis), Feed.ENDLESS))
        .with("handlerMillis", "" + handlerMillis);
  }

  private static String workPhase(int handlerMillis) {
    return "work-" + handlerMillis;
  }

  private Phase bursts(String name) {
    return Phase.of(name, Feed.BURSTS)
        .with("settleMillis", "" + pace.settleMillis())
        .with("handlerMillis", "5")
        .with("count", "" + pace.bursts())
        .with("windowMillis", "30000");
  }

  private static Phase far(Phase phase) {
    return phase.with("latencyMillis", "15").with("jitterMillis", "1");
  }
}
