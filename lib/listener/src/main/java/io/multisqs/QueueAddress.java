package io.multisqs;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A queue as a user names it: by name, URL or ARN, taken apart.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class QueueAddress {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,80}");
  private static final Pattern ARN =
      Pattern.compile("arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\\d{12}):([^:]+)");
  private static final String FIFO = ".fifo";

  private final String asGiven;
  private final String name;
  private final @Nullable String url;
  private final @Nullable String region;
  private final @Nullable URI endpoint;
  private final boolean vpcEndpoint;
  private final @Nullable String ownerAccountId;

  private QueueAddress(
      String asGiven,
      String name,
      @Nullable String url,
      QueueHost host,
      @Nullable String ownerAccountId) {
    this.asGiven = asGiven;
    this.name = name;
    this.url = url;
    this.region = host.region();
    this.endpoint = host.endpoint();
    this.vpcEndpoint = host.isVpcEndpoint();
    this.ownerAccountId = ownerAccountId;
  }

  /**
   * Takes a queue's name, URL or ARN apart.
   *
   * @param queue as a user gives it
   * @return its parts
   * @throws IllegalArgumentException if it is none of the three, or its name is none that SQS has:
   *     letters, digits, {@code -} and {@code _}, 80 characters at most, {@code .fifo} included
   *     (API reference, CreateQueue)
   */
  public static QueueAddress parse(String queue) {
    Check.notBlank("queue", queue);
    if (queue.startsWith("arn:")) {
      Matcher arn = ARN.matcher(queue);
      if (!arn.matches()) {
        throw Check.refused("queue ARN", "must be arn:aws:sqs:REGION:ACCOUNT:NAME", queue);
      }
      return new QueueAddress(
          queue,
          checkedName(arn.group(3), queue),
          null,
          new QueueHost(arn.group(1), null, false),
          arn.group(2));
    }
    return queue.contains("://")
        ? ofUrl(queue)
        : new QueueAddress(
            queue, checkedName(queue, queue), null, new QueueHost(null, null, false), null);
  }

  private static QueueAddress ofUrl(String queue) {
    URI uri;
    try {
      uri = new URI(queue);
    } catch (URISyntaxException e) {
      throw Check.refused("queue URL", "must be a URL", queue);
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    String[] parts = path.split("/", -1);
    if (uri.getHost() == null || parts.length < 2 || parts[parts.length - 1].isEmpty()) {
      throw Check.refused("queue URL", "must end in /ACCOUNT/NAME", queue);
    }
    String account = parts[parts.length - 2];
    return new QueueAddress(
        queue,
        checkedName(parts[parts.length - 1], queue),
        queue,
        QueueHost.of(uri),
        account.matches("\\d{12}") ? account : null);
  }

  private static String checkedName(String name, String asGiven) {
    String base = name.endsWith(FIFO) ? name.substring(0, name.length() - FIFO.length()) : name;
    if (name.length() > 80 || !NAME.matcher(base).matches()) {
      throw Check.refused(
          "queue name",
          "must be 1…80 letters, digits, - or _, with .fifo at the end for a FIFO queue",
          '"' + asGiven + '"');
    }
    return name;
  }

  /**
   * What was parsed.
   *
   * @return the name, URL or ARN
   */
  public String asGiven() {
    return asGiven;
  }

  /**
   * The queue's name, which all three forms have.
   *
   * @return the name, with {@code .fifo} if it is one
   */
  public String name() {
    return name;
  }

  /**
   * The URL, if it was given by one.
   *
   * @return the URL, or empty
   */
  public Optional<String> url() {
    return Optional.ofNullable(url);
  }

  /**
   * The region that the ARN or the URL names. A URL does in every form that AWS hands out: {@code
   * sqs.REGION.amazonaws.com}, {@code REGION.queue.amazonaws.com}, {@code queue.amazonaws.com}
   * (us-east-1), FIPS, dual-stack and VPC endpoints, in every partition, and LocalStack's.
   *
   * @return the region, or empty
   */
  public Optional<String> region() {
    return Optional.ofNullable(region);
  }

  /**
   * What a client has to connect to for this URL, where a client of the region would connect
   * elsewhere by itself: the host of a VPC endpoint, a FIPS or a dual-stack host. The listener's
   * own client for the queue connects to it.
   *
   * @return scheme and host, or empty
   */
  public Optional<URI> endpoint() {
    return Optional.ofNullable(endpoint);
  }

  /**
   * Whether the URL's host is that of a VPC endpoint.
   *
   * @return true if it is
   */
  public boolean isVpcEndpoint() {
    return vpcEndpoint;
  }

  /**
   * The account that the URL or ARN names.
   *
   * @return twelve digits, or empty
   */
  public Optional<String> ownerAccountId() {
    return Optional.ofNullable(ownerAccountId);
  }

  /**
   * Whether it is a FIFO queue, which SQS tells by the suffix alone.
   *
   * @return true if the name ends in {@code .fifo}
   */
  public boolean isFifo() {
    return name.endsWith(FIFO);
  }

  @Override
  public String toString() {
    return asGiven;
  }
}
