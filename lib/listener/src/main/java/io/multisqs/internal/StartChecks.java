package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerStartException;
import io.multisqs.ListenerStartException.Problem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * Looks every queue up before the first poll (I17), and reports all problems at once. Looks an
 * awaited queue up again later.
 */
final class StartChecks {
  private static final Log log = Log.of("io.multisqs.StartChecks");

  private static final Pattern MAX_RECEIVE_COUNT =
      Pattern.compile("\"maxReceiveCount\"\\s*:\\s*\"?(\\d+)");

  private static final Pattern DEAD_LETTER_ARN =
      Pattern.compile("\"deadLetterTargetArn\"\\s*:\\s*\"([^\"]+)\"");

  /** Deletes, lease calls and give-backs that never wait for each other, two of each at least. */
  static final int CONNECTIONS_BESIDE_POLLS = 6;

  private final ListenerOptions options;
  private final Clients clients;

  /** Of the HTTP clients that have a limit and tell it. */
  private final Map<SqsClient, Integer> connectionLimits = new ConcurrentHashMap<>();

  /** What the environment says of the region, or why it says nothing; asked once. */
  private @Nullable String environmentRegion; // guarded by this

  private @Nullable SdkClientException noRegion; // guarded by this

  private volatile @Nullable QueueLookups lookups;

  StartChecks(ListenerOptions options, Clients clients) {
    this.options = options;
    this.clients = clients;
  }

  /** Whether another try may find what this one did not. */
  enum MayPass {
    /** It is as it is. */
    NEVER,
    /** Nobody was there: a wrong setting, or a server that is not up yet. */
    PERHAPS,
    /** A throttle, an error of SQS's own, a call without an answer. */
    LIKELY
  }

  /** A queue that cannot be listened to. */
  static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    final transient Problem problem;
    final boolean missing;
    final MayPass mayPass;

    Refusal(Problem problem, boolean missing, MayPass mayPass, @Nullable Throwable cause) {
      super(problem.toString(), cause);
      this.problem = problem;
      this.missing = missing;
      this.mayPass = mayPass;
    }
  }

  /** Looks all queues up on this thread, one after the other. */
  void check(List<Lane> lanes) {
    check(lanes, Runnable::run, () -> true);
  }

  /**
   * Looks all queues up, side by side and within {@code startTimeout}. Refuses the start if any has
   * a problem.
   *
   * @param threads what runs the calls
   * @param goesOn whether the listener is still to be started
   */
  void check(List<Lane> lanes, Consumer<Runnable> threads, BooleanSupplier goesOn) {
    QueueLookups round =
        new QueueLookups(lanes, this::find, options.clock(), options.startTimeout());
    lookups = round;
    round.run(threads, goesOn);
    lookups = null;
    if (!goesOn.getAsBoolean()) {
      return;
    }
    List<Problem> problems = new ArrayList<>();
    Throwable first = null;
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      Source source = round.found(i);
      if (source != null) {
        Problem doubled = doubled(lane, source, lanes);
        if (doubled != null) {
          problems.add(doubled);
        }
        lane.found(source);
        warnOfOneReceive(lane, source);
        continue;
      }
      Refusal refusal = round.isSettled(i) ? round.refused(i) : unanswered(round, i, lane);
      if (refusal != null && !(refusal.missing && lane.config.awaitQueue())) {
        problems.add(refusal.problem);
        first = first == null ? refusal.getCause() : first;
      }
    }
    refuseSmallClients(lanes, problems);
    if (!problems.isEmpty()) {
      ListenerStartException refused = new ListenerStartException(problems);
      if (first != null) {
        refused.initCause(first);
      }
      throw refused;
    }
  }

  /** Ends a check that waits: a stop came. */
  void giveUp() {
    QueueLookups waiting = lookups;
    if (waiting != null) {
      waiting.giveUp();
    }
  }

  private Refusal unanswered(QueueLookups round, int index, Lane lane) {
    Refusal last = round.refused(index);
    String why =
        round.wasInterrupted()
            ? "was not found before the start was interrupted"
            : "was not found within the startTimeout of "
                + options.startTimeout().toMillis()
                + " ms";
    if (last == null) {
      return refusal(
          lane,
          lane.config.region().or(lane.address::region).or(options::region).orElse("its region"),
          why + ": no call was answered",
          "check the network, the region and the endpoint, or set a longer startTimeout",
          false,
          null);
    }
    Problem p = last.problem;
    Problem said =
        new Problem(p.queue(), p.region(), why + ": " + p.problem(), p.remedy(), p.detail());
    return new Refusal(said, false, MayPass.NEVER, last.getCause());
  }

  /** Says of which other queue this one is a double; null if of none. */
  private @Nullable Problem doubled(Lane lane, Source source, List<Lane> lanes) {
    for (Lane other : lanes) {
      if (other != lane && other.isKnown() && isSame(source, other.source())) {
        return new Problem(
            lane.config.queue(),
            source.region(),
            "is the same queue as " + other.config.queue(),
            "configure it once");
      }
    }
    return null;
  }

  /**
   * A queue has several URLs, but one ARN; servers other than AWS may give one ARN at several
   * endpoints.
   */
  private static boolean isSame(Source a, Source b) {
    boolean oneServer =
        a.gateway().client() == b.gateway().client()
            || (a.gateway().connectsToAws() && b.gateway().connectsToAws());
    return a.url().equals(b.url()) || (oneServer && a.arn().equals(b.arn()));
  }

  /**
   * Refuses an awaited queue that is there now for what the start would have refused it for, or
   * else takes it.
   */
  synchronized void take(Lane lane, Source source, List<Lane> lanes, BiConsumer<Lane, Source> found)
      throws Refusal {
    Problem problem = doubled(lane, source, lanes);
    if (problem == null) {
      SqsClient client = source.gateway().client();
      List<Lane> there = new ArrayList<>(lanesOf(client, lanes));
      there.add(lane);
      problem = tooSmall(client, there, lane.name(), source.region());
    }
    if (problem != null) {
      throw new Refusal(problem, false, MayPass.NEVER, null);
    }
    found.accept(lane, source);
    warnOfOneReceive(lane, source);
  }

  private static void warnOfOneReceive(Lane lane, Source source) {
    if (source.allowsOneReceive()) {
      log.warn(
          "queue {} has a maxReceiveCount of 1: a message that is received and given back before it"
              + " started, by a stop, an opened circuit breaker or a lost lease, goes to its"
              + " dead-letter queue unhandled; set it to 2 or more{}",
          lane,
          lane.isFifo() ? "; until then it is received one message at a time" : "");
    }
  }

  /** Looks one queue up. */
  Source find(Lane lane) throws Refusal {
    String region = "no region";
    try {
      region = region(lane);
      SqsGateway gateway =
          lane.config.sqsClient().isPresent()
              ? new SqsGateway(lane.config.sqsClient().get())
              : clients.gateway(region, lane.address.endpoint().orElse(null));
      refuseWrongServer(lane, region, gateway);
      String url =
          lane.address.url().isPresent()
              ? lane.address.url().get()
              : gateway.queueUrl(
                  lane.name(), lane.config.ownerAccountId().or(lane.address::ownerAccountId));
      ConnectionLimit connections = new ConnectionLimit();
      Map<QueueAttributeName, String> attributes = gateway.attributes(url, connections);
      if (connections.limit().isPresent()) {
        connectionLimits.put(gateway.client(), connections.limit().getAsInt());
      }
      return source(lane, region, gateway, url, attributes);
    } catch (QueueDoesNotExistException e) {
      throw refusal(
          lane,
          region,
          "does not exist",
          "create it, correct its name, region or ownerAccountId, or set awaitQueue",
          true,
          e);
    } catch (AwsServiceException e) {
      String code = code(e);
      Problem problem =
          new Problem(
              lane.config.queue(), region, "SQS answered " + code, remedy(code), sayings(e));
      throw new Refusal(problem, false, mayPass(e), e);
    } catch (SdkClientException e) {
      throw refusal(lane, region, e);
    } catch (RuntimeException e) {
      // A user's sqsClients function that throws, an answer that is none: whatever it is, it is
      // named.
      throw refusal(lane, region, text(e), "correct the setting", false, e);
    } catch (Error e) {
      // On a thread of the listener's: whoever starts it must hear of it.
      throw refusal(lane, region, e.toString(), "see the cause", false, e);
    }
  }

  private static MayPass mayPass(AwsServiceException e) {
    return e.isThrottlingException() || e.statusCode() >= 500 || e.statusCode() == 429
        ? MayPass.LIKELY
        : MayPass.NEVER;
  }

  private static Refusal refusal(Lane lane, String region, SdkClientException e) {
    String said = sayings(e);
    String problem = "the call failed";
    String remedy = "check the network, the region and the endpoint, then start again";
    MayPass mayPass = MayPass.NEVER;
    if (said.contains("credentials")) {
      problem = "there are no credentials";
      remedy = remedy("credentials");
    } else if (said.contains("nable to load region")) {
      problem = "no region is set";
      remedy = remedy("region");
    } else if (comesFrom(e, ConnectException.class) || comesFrom(e, UnknownHostException.class)) {
      problem = "nobody answers there";
      mayPass = MayPass.PERHAPS;
    } else if (e instanceof ApiCallTimeoutException
        || e instanceof ApiCallAttemptTimeoutException) {
      problem = "the call was not answered in time";
      mayPass = MayPass.LIKELY;
    } else if (e.retryable()
        || comesFrom(e, IOException.class)
        || said.startsWith("Unable to execute HTTP request")) {
      mayPass = MayPass.LIKELY;
    } else {
      remedy = remedy(said);
    }
    return new Refusal(
        new Problem(lane.config.queue(), region, problem, remedy, said), false, mayPass, e);
  }

  private static boolean comesFrom(Throwable failure, Class<? extends Throwable> kind) {
    int depth = 0;
    for (Throwable t = failure; t != null && depth++ < 20; t = t.getCause()) {
      if (kind.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  /**
   * An endpoint comes from the client, not from the queue's URL: a client of another region would
   * find the other region's queue of that name, and handle its messages in silence.
   */
  private void refuseWrongServer(Lane lane, String region, SqsGateway gateway) throws Refusal {
    boolean told = lane.config.region().isPresent() || lane.address.region().isPresent();
    boolean chosen = lane.config.sqsClient().isPresent() || options.endpointOverride().isPresent();
    if (lane.address.url().isPresent() && !told && !chosen && gateway.connectsToAws()) {
      throw refusal(
          lane,
          region,
          "its URL does not tell its region",
          "set the queue's own region or sqsClient, or the listener's endpointOverride, or give the"
              + " queue by name or ARN",
          false,
          null);
    }
    String of = gateway.region();
    if (told && gateway.connectsToAws() && of != null && !of.equals(region)) {
      throw refusal(
          lane,
          region,
          "its client connects to " + of + ", where another queue may have its name",
          "give it a client of its region: sqsClients(region → client), or the queue's sqsClient",
          false,
          null);
    }
    boolean usersClient = lane.config.sqsClient().isPresent() || clients.areTheUsers();
    URI endpoint = lane.address.endpoint().orElse(null);
    if (lane.address.isVpcEndpoint() && endpoint != null && usersClient) {
      URI clients = gateway.endpoint();
      boolean elsewhere =
          clients == null
              ? gateway.connectsToAws()
              : !endpoint.getHost().equalsIgnoreCase(clients.getHost());
      if (elsewhere) {
        throw refusal(
            lane,
            region,
            "its URL is that of a VPC endpoint, and its client connects elsewhere",
            "set endpointOverride to " + endpoint + " on your client",
            false,
            null);
      }
    }
  }

  /**
   * A user's own client may be too small: then polls, each of which may stand for 20 s, would hold
   * up deletes and lease calls (I19).
   */
  private void refuseSmallClients(List<Lane> lanes, List<Problem> problems) {
    for (SqsClient client : connectionLimits.keySet()) {
      List<Lane> there = lanesOf(client, lanes);
      if (!there.isEmpty()) {
        String names = there.stream().map(Lane::name).collect(Collectors.joining(", "));
        Problem problem = tooSmall(client, there, names, there.get(0).source().region());
        if (problem != null) {
          problems.add(problem);
        }
      }
    }
  }

  /** Says that a client has too few connections for these queues; null if it has enough. */
  private @Nullable Problem tooSmall(
      SqsClient client, List<Lane> there, String names, String region) {
    Integer limit = connectionLimits.get(client);
    int needed = pollers(there) + CONNECTIONS_BESIDE_POLLS;
    if (limit == null || limit >= needed) {
      return null;
    }
    return new Problem(
        names,
        region,
        "the client has at most "
            + limit
            + " connections, and the listener needs "
            + needed
            + ": one for each of the queues' maxPollers, "
            + CONNECTIONS_BESIDE_POLLS
            + " for deletes, leases and give-backs",
        "give the client maxConnections of " + needed + " or more, or the queues lower maxPollers");
  }

  /** The least that a client leaves for calls beside polls; empty where none has a limit. */
  OptionalInt connectionsBesidePolls(List<Lane> lanes) {
    return connectionLimits.entrySet().stream()
        .filter(of -> !lanesOf(of.getKey(), lanes).isEmpty())
        .mapToInt(of -> of.getValue() - pollers(lanesOf(of.getKey(), lanes)))
        .min();
  }

  private static List<Lane> lanesOf(SqsClient client, List<Lane> lanes) {
    return lanes.stream()
        .filter(l -> l.isKnown() && l.source().gateway().client() == client)
        .toList();
  }

  private static int pollers(List<Lane> lanes) {
    return lanes.stream().mapToInt(lane -> lane.maxPollers).sum();
  }

  private Source source(
      Lane lane,
      String region,
      SqsGateway gateway,
      String url,
      Map<QueueAttributeName, String> attributes)
      throws Refusal {
    Duration own = seconds(attributes.get(QueueAttributeName.VISIBILITY_TIMEOUT), 30);
    Duration visibility = lane.config.visibilityTimeout().orElse(own);
    if (visibility.isZero()) {
      throw refusal(
          lane,
          region,
          "has a visibility timeout of 0 s, with which every receive would be handled by others too",
          "set visibilityTimeout here or on the queue",
          false,
          null);
    }
    refuseShortLease(lane, region, visibility);
    boolean fifo = "true".equals(attributes.get(QueueAttributeName.FIFO_QUEUE));
    if (fifo != lane.isFifo()) {
      throw refusal(
          lane,
          region,
          fifo
              ? "is a FIFO queue whose name does not say so"
              : "is no FIFO queue, for all its name",
          "check which queue the URL names",
          false,
          null);
    }
    String deadLetterArn = deadLetterArn(attributes);
    if (deadLetterArn == null && lane.config.retry().mayDeadLetter()) {
      throw refusal(
          lane,
          region,
          "has no dead-letter queue, to which its retry policy sends",
          "set the queue's RedrivePolicy, or another retry policy",
          false,
          null);
    }
    String size = attributes.get(QueueAttributeName.MAXIMUM_MESSAGE_SIZE);
    return new Source(
        url,
        attributes.getOrDefault(QueueAttributeName.QUEUE_ARN, url),
        region,
        gateway,
        visibility,
        size == null ? 1 << 20 : Integer.parseInt(size),
        deadLetterArn,
        maxReceiveCount(attributes));
  }

  /** Without extensions, what takes longer than the visibility timeout is handled twice. */
  private static void refuseShortLease(Lane lane, String region, Duration visibility)
      throws Refusal {
    Duration limit = lane.config.handlerTimeout().orElse(Duration.ZERO);
    Duration longest =
        limit.compareTo(lane.config.deletes().linger()) > 0
            ? limit
            : lane.config.deletes().linger();
    if (!lane.config.extendLeases() && longest.compareTo(visibility) >= 0) {
      throw refusal(
          lane,
          region,
          "extendLeases is off, and its visibility timeout of "
              + visibility.toSeconds()
              + " s must be longer than handlerTimeout and linger, was "
              + longest.toMillis()
              + " ms",
          "extend leases, or set a longer visibilityTimeout",
          false,
          null);
    }
  }

  private static Duration seconds(@Nullable String text, int otherwise) {
    return Duration.ofSeconds(text == null ? otherwise : Long.parseLong(text));
  }

  /** The one field of the policy's JSON that is of interest. */
  static @Nullable String deadLetterArn(Map<QueueAttributeName, String> attributes) {
    String redrivePolicy = attributes.get(QueueAttributeName.REDRIVE_POLICY);
    Matcher arn = DEAD_LETTER_ARN.matcher(redrivePolicy == null ? "" : redrivePolicy);
    return arn.find() ? arn.group(1) : null;
  }

  private static int maxReceiveCount(Map<QueueAttributeName, String> attributes) {
    String redrivePolicy = attributes.get(QueueAttributeName.REDRIVE_POLICY);
    Matcher count = MAX_RECEIVE_COUNT.matcher(redrivePolicy == null ? "" : redrivePolicy);
    return count.find() ? Integer.parseInt(count.group(1)) : 0;
  }

  private String region(Lane lane) {
    return lane.config
        .region()
        .or(lane.address::region)
        .or(options::region)
        .orElseGet(() -> environmentRegion());
  }

  /** Asks the environment once, for all queues: where there is none, that takes seconds. */
  private synchronized String environmentRegion() {
    if (noRegion != null) {
      throw noRegion;
    }
    String known = environmentRegion;
    if (known == null) {
      try {
        known = new DefaultAwsRegionProviderChain().getRegion().id();
      } catch (SdkClientException e) {
        if (!clients.areTheUsers()) {
          noRegion = e;
          throw e;
        }
        // A user's own client knows its region; it is named here for people to read.
        known = "the client's region";
      }
      environmentRegion = known;
    }
    return known;
  }

  private static Refusal refusal(
      Lane lane,
      String region,
      String problem,
      String remedy,
      boolean missing,
      @Nullable Throwable cause) {
    return new Refusal(
        new Problem(lane.config.queue(), region, problem, remedy), missing, MayPass.NEVER, cause);
  }

  private static String text(Throwable e) {
    return e.getMessage() == null ? e.toString() : sayings(e);
  }

  /** What it says, and what lies at its root. */
  private static String sayings(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String text = e.getMessage() == null ? e.toString() : e.getMessage();
    return root == e ? text : text + " (" + root + ")";
  }

  /** SQS's own code, or what HTTP said where something before SQS answered. */
  private static String code(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
    return code == null ? "HTTP " + e.statusCode() : code;
  }

  private static String remedy(String what) {
    if (what.contains("AccessDenied")) {
      return "allow sqs:GetQueueUrl, GetQueueAttributes, ReceiveMessage, DeleteMessage and"
          + " ChangeMessageVisibility on it";
    }
    if (what.contains("credentials") || what.contains("Token") || what.contains("Signature")) {
      return "give the process credentials that SQS takes, in the environment or on your client";
    }
    if (what.contains("region")) {
      return "set region on the listener's options or on the queue, or AWS_REGION";
    }
    return "check the network, the region and the endpoint, then start again";
  }
}
