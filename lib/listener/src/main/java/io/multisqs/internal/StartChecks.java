package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerStartException;
import io.multisqs.ListenerStartException.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
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
  private static final Pattern DEAD_LETTER_ARN =
      Pattern.compile("\"deadLetterTargetArn\"\\s*:\\s*\"([^\"]+)\"");

  /** Deletes, lease calls and give-backs that never wait for each other, two of each at least. */
  static final int CONNECTIONS_BESIDE_POLLS = 6;

  private final ListenerOptions options;
  private final Clients clients;

  /** Of the HTTP clients that have a limit and tell it. */
  private final Map<SqsClient, Integer> connectionLimits = new ConcurrentHashMap<>();

  private volatile @Nullable String environmentRegion;

  StartChecks(ListenerOptions options, Clients clients) {
    this.options = options;
    this.clients = clients;
  }

  /** A queue that cannot be listened to. */
  static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    final transient Problem problem;
    final boolean missing;

    Refusal(Problem problem, boolean missing, @Nullable Throwable cause) {
      super(problem.toString(), cause);
      this.problem = problem;
      this.missing = missing;
    }
  }

  /**
   * Looks all queues up. Refuses the start if any has a problem.
   *
   * @param goesOn asked before each queue: whether the listener is still to be started
   */
  void check(List<Lane> lanes, BooleanSupplier goesOn) {
    List<Problem> problems = new ArrayList<>();
    Map<Object, Lane> known = new HashMap<>();
    Throwable first = null;
    for (Lane lane : lanes) {
      if (!goesOn.getAsBoolean()) {
        return;
      }
      try {
        Source source = find(lane);
        // A queue has several URLs; an ARN names one for each endpoint that a client may have.
        Lane same = known.put(List.of(source.arn(), source.gateway().client()), lane);
        Lane sameUrl = known.put(source.url(), lane);
        same = same == null ? sameUrl : same;
        if (same != null) {
          problems.add(
              new Problem(
                  lane.config.queue(),
                  source.region(),
                  "is the same queue as " + same.config.queue(),
                  "configure it once"));
        }
        lane.found(source);
      } catch (Refusal refusal) {
        if (!(refusal.missing && lane.config.awaitQueue())) {
          problems.add(refusal.problem);
          first = first == null ? refusal.getCause() : first;
        }
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

  /** Looks one queue up. */
  Source find(Lane lane) throws Refusal {
    String region = "no region";
    try {
      region = region(lane);
      SqsGateway gateway =
          lane.config.sqsClient().isPresent()
              ? new SqsGateway(lane.config.sqsClient().get())
              : clients.gateway(region);
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
      throw refusal(lane, region, "SQS answered " + code + ": " + text(e), remedy(code), false, e);
    } catch (SdkClientException e) {
      throw refusal(lane, region, text(e), remedy(text(e)), false, e);
    } catch (RuntimeException e) {
      // A user's sqsClients function that throws, an answer that is none: whatever it is, it is
      // named.
      throw refusal(lane, region, text(e), "correct the setting", false, e);
    }
  }

  /**
   * A user's own client may be too small: then polls, each of which may stand for 20 s, would hold
   * up deletes and lease calls (I19).
   */
  private void refuseSmallClients(List<Lane> lanes, List<Problem> problems) {
    connectionLimits.forEach(
        (client, limit) -> {
          List<Lane> there = lanesOf(client, lanes);
          int needed = pollers(there) + CONNECTIONS_BESIDE_POLLS;
          if (!there.isEmpty() && limit < needed) {
            problems.add(
                new Problem(
                    there.stream().map(Lane::name).collect(Collectors.joining(", ")),
                    there.get(0).source().region(),
                    "the client has at most "
                        + limit
                        + " connections, and the listener needs "
                        + needed
                        + ": one for each of the queues' maxPollers, "
                        + CONNECTIONS_BESIDE_POLLS
                        + " for deletes, leases and give-backs",
                    "give the client maxConnections of "
                        + needed
                        + " or more, or the queues lower maxPollers"));
          }
        });
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
    String size = attributes.get(QueueAttributeName.MAXIMUM_MESSAGE_SIZE);
    return new Source(
        url,
        attributes.getOrDefault(QueueAttributeName.QUEUE_ARN, url),
        region,
        gateway,
        visibility,
        size == null ? 1 << 20 : Integer.parseInt(size),
        deadLetterArn(attributes.get(QueueAttributeName.REDRIVE_POLICY)));
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
  private static @Nullable String deadLetterArn(@Nullable String redrivePolicy) {
    Matcher arn = DEAD_LETTER_ARN.matcher(redrivePolicy == null ? "" : redrivePolicy);
    return arn.find() ? arn.group(1) : null;
  }

  private String region(Lane lane) {
    Optional<String> region = lane.config.region().or(lane.address::region).or(options::region);
    if (region.isPresent()) {
      return region.get();
    }
    String known = environmentRegion;
    if (known == null) {
      // A user's own client knows its region; it is named here for people to read.
      known =
          clients.areTheUsers()
              ? regionOrUnknown()
              : new DefaultAwsRegionProviderChain().getRegion().id();
      environmentRegion = known;
    }
    return known;
  }

  private static String regionOrUnknown() {
    try {
      return new DefaultAwsRegionProviderChain().getRegion().id();
    } catch (SdkClientException e) {
      return "the client's region";
    }
  }

  private static Refusal refusal(
      Lane lane,
      String region,
      String problem,
      String remedy,
      boolean missing,
      @Nullable Throwable cause) {
    return new Refusal(new Problem(lane.config.queue(), region, problem, remedy), missing, cause);
  }

  private static String text(Throwable e) {
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
