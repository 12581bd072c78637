package io.multisqs;

import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.EndpointTag;
import software.amazon.awssdk.regions.PartitionEndpointKey;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;

/**
 * What the host of a queue's URL says, in every form that AWS and LocalStack hand out.
 *
 * @param region the region, or null where the host does not tell it
 * @param endpoint what a client must connect to for this URL, where a client of the region would
 *     connect elsewhere by itself: a VPC endpoint, a FIPS or a dual-stack host; null otherwise
 * @param isVpcEndpoint whether the host is that of a VPC endpoint
 */
record QueueHost(@Nullable String region, @Nullable URI endpoint, boolean isVpcEndpoint) {
  private static final String REGION = "([a-z]+(?:-[a-z]+)+-[0-9]+)";

  /** What stands before a partition's domain. */
  private static final Pattern SERVICE = Pattern.compile("sqs(-fips)?[.]" + REGION);

  private static final Pattern LEGACY = Pattern.compile(REGION + "[.]queue");
  private static final Pattern VPC_ENDPOINT =
      Pattern.compile("vpce-[a-z0-9-]+[.]sqs(?:-fips)?[.]" + REGION + "[.]vpce");

  /** The oldest forms, which name no region, and are those of the first one. */
  private static final Set<String> FIRST_REGION = Set.of("queue", "sqs");

  private static final String LOCALSTACK = "localhost.localstack.cloud";
  private static final Pattern LOCALSTACK_PATH =
      Pattern.compile("/queue/" + REGION + "/[^/]+/[^/]+");

  /** Domains of AWS, those first that end in another; what the SDK knows is added to these. */
  private static final List<String> DOMAINS =
      domains(
          "amazonaws.com",
          "api.aws",
          "amazonaws.com.cn",
          "api.amazonwebservices.com.cn",
          "amazonaws.eu",
          "api.amazonwebservices.eu",
          "c2s.ic.gov",
          "api.aws.ic.gov",
          "sc2s.sgov.gov",
          "api.aws.scloud",
          "cloud.adc-e.uk",
          "api.cloud-aws.adc-e.uk",
          "csp.hci.ic.gov",
          "api.aws.hci.ic.gov");

  private static final QueueHost UNKNOWN = new QueueHost(null, null, false);

  static QueueHost of(URI url) {
    String host = url.getHost().toLowerCase(Locale.ROOT);
    host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    for (String domain : DOMAINS) {
      if (host.endsWith('.' + domain)) {
        return ofAws(url, host.substring(0, host.length() - domain.length() - 1), domain);
      }
    }
    return new QueueHost(localRegion(url, host), null, false);
  }

  private static QueueHost ofAws(URI url, String service, String domain) {
    Matcher vpc = VPC_ENDPOINT.matcher(service);
    if (vpc.matches()) {
      return new QueueHost(vpc.group(1), endpoint(url), true);
    }
    Matcher usual = SERVICE.matcher(service);
    if (usual.matches()) {
      boolean special = usual.group(1) != null || domain.startsWith("api.");
      return new QueueHost(usual.group(2), special ? endpoint(url) : null, false);
    }
    Matcher legacy = LEGACY.matcher(service);
    if (legacy.matches()) {
      return new QueueHost(legacy.group(1), null, false);
    }
    return FIRST_REGION.contains(service) && domain.equals("amazonaws.com")
        ? new QueueHost(Region.US_EAST_1.id(), null, false)
        : UNKNOWN;
  }

  /** LocalStack's hosts name a region as AWS's do, and leave out the first; or its path does. */
  private static @Nullable String localRegion(URI url, String host) {
    if (host.endsWith('.' + LOCALSTACK)) {
      String service = host.substring(0, host.length() - LOCALSTACK.length() - 1);
      if (FIRST_REGION.contains(service)) {
        return Region.US_EAST_1.id();
      }
      for (Pattern form : List.of(Pattern.compile("sqs[.]" + REGION), LEGACY)) {
        Matcher matcher = form.matcher(service);
        if (matcher.matches()) {
          return matcher.group(1);
        }
      }
    }
    Matcher path = LOCALSTACK_PATH.matcher(url.getPath());
    return path.matches() ? path.group(1) : null;
  }

  private static URI endpoint(URI url) {
    return URI.create(
        url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort()));
  }

  private static List<String> domains(String... ours) {
    Set<String> all = new TreeSet<>(List.of(ours));
    for (Region region : Region.regions()) {
      PartitionMetadata partition = PartitionMetadata.of(region);
      all.add(partition.dnsSuffix());
      for (EndpointTag tag : List.of(EndpointTag.DUALSTACK, EndpointTag.FIPS)) {
        all.add(partition.dnsSuffix(PartitionEndpointKey.builder().tags(tag).build()));
      }
    }
    return all.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
  }
}
