package io.multisqs.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.List;
import org.junit.jupiter.api.Test;

class VersionsTest {
  private final Versions versions =
      Versions.on(
          "0.9-SNAPSHOT",
          String.join(
              File.pathSeparator,
              "/x/elasticmq-rest-sqs_2.13-1.6.12.jar",
              "/x/spring-cloud-aws-sqs-4.1.0.jar",
              "/x/amazon-sqs-java-messaging-lib-2.1.4.jar",
              "/x/apache5-client-2.31.1.jar",
              "/x/httpclient5-5.5.jar",
              "/x/unknown-1.0.jar",
              "/x/classes",
              "/x/sqs-2.31.1.jar"));

  @Test
  void librariesAreNamedByTheirJarsAndThisOneByItsBuild() {
    assertThat(versions)
        .hasToString(
            "multi-sqs-listener 0.9-SNAPSHOT, sqs 2.31.1, apache5-client 2.31.1, httpclient5 5.5,"
                + " spring-cloud-aws-sqs 4.1.0, amazon-sqs-java-messaging-lib 2.1.4,"
                + " elasticmq-rest-sqs 1.6.12");
    assertThat(versions.after(" ", "elasticmq-rest-sqs")).isEqualTo(" 1.6.12");
    assertThat(versions.after(" ", "absent")).isEmpty();
  }

  @Test
  void chartNamesWhatIsInIt() {
    assertThat(versions.of(List.of("multisqs-tuned", "spring", "raw-apache5")))
        .isEqualTo("multisqs 0.9-SNAPSHOT, sqs 2.31.1, spring 4.1.0");
    assertThat(versions.of(List.of("raw-apache5"))).isEqualTo("sqs 2.31.1");
  }

  @Test
  void buildTellsItsVersion() {
    assertThat(Versions.on("").toString()).matches("multi-sqs-listener [0-9].*");
  }
}
