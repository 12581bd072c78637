package io.multisqs;

import static com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the design says of who may know whom, held against the classes as they are. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.multisqs");

  /** The gateway, what stands around it, and what carries an SDK message or exception. */
  private static final Set<String> MAY_KNOW_THE_SDK_INSIDE =
      Set.of(
          "SqsGateway",
          "Clients",
          "ConnectionLimit",
          "StartChecks",
          "QueuePoller",
          "Delivery",
          "DeadLetters",
          "FailureLog");

  /** The public types that have to show it. */
  private static final Set<String> MAY_SHOW_THE_SDK =
      Set.of("ReceivedMessage", "ListenerOptions", "SqsListenerConfig", "QueueHost");

  private static final Set<String> MEANT_TO_BE_SUBCLASSED =
      Set.of("MultiSqsListener", "ListenerEvents", "TransientException", "YieldException");

  private static final DescribedPredicate<JavaClass> OF_THE_LISTENER =
      DescribedPredicate.describe(
          "of the listener",
          c ->
              c.getPackageName().equals("io.multisqs")
                  || c.getPackageName().equals("io.multisqs.internal"));

  private static String topLevel(JavaClass c) {
    JavaClass top = c;
    while (top.getEnclosingClass().isPresent()) {
      top = top.getEnclosingClass().get();
    }
    return top.getSimpleName();
  }

  @Test
  void nobodyOutsideKnowsTheInternals() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.multisqs", "io.multisqs.internal..", "io.multisqs.testkit..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.multisqs.internal..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void thePublicPackageKnowsOfTheInternalsTheRuntimeAndItsControlsAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.multisqs")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are internal, but not the runtime and its controls",
                c ->
                    c.getPackageName().equals("io.multisqs.internal")
                        && !topLevel(c).equals("ListenerRuntime")
                        && !topLevel(c).equals("Controls")))
        .check(CLASSES);
  }

  @Test
  void theSdkIsKnownWhereTheDesignSays() {
    noClasses()
        .that(OF_THE_LISTENER)
        .and(
            DescribedPredicate.describe(
                "are not among those that may",
                c ->
                    !MAY_KNOW_THE_SDK_INSIDE.contains(topLevel(c))
                        && !MAY_SHOW_THE_SDK.contains(topLevel(c))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon.awssdk..")
        .check(CLASSES);
  }

  @Test
  void theListenerKnowsTheSdkAndSlf4jAndNothingElse() {
    classes()
        .that(OF_THE_LISTENER)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "io.multisqs",
            "io.multisqs.internal",
            "software.amazon.awssdk..",
            "org.slf4j..",
            "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void namesSayWhatAClassIs() {
    noClasses()
        .that()
        .resideInAPackage("io.multisqs..")
        .should()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameStartingWith("Abstract")
        .check(CLASSES);
  }

  @Test
  void classesAreFinalUnlessMeantToBeSubclassed() {
    ArchRule rule =
        classes()
            .that(OF_THE_LISTENER)
            .and()
            .areNotInterfaces()
            .and()
            .areNotAnonymousClasses()
            .and(
                DescribedPredicate.describe(
                    "are not enums, nor meant to be subclassed",
                    c -> !c.isEnum() && !MEANT_TO_BE_SUBCLASSED.contains(c.getSimpleName())))
            .should(
                ArchConditions.have(
                    DescribedPredicate.describe(
                        "the modifier final", c -> c.getModifiers().contains(FINAL))));
    rule.check(CLASSES);
  }

  @Test
  void nobodySleeps() {
    noClasses()
        .that(OF_THE_LISTENER)
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .check(CLASSES);
  }

  @Test
  void timeComesFromTheClockAlone() {
    noClasses()
        .that(OF_THE_LISTENER)
        .and(
            DescribedPredicate.describe(
                "are not the clock", c -> !topLevel(c).equals("ListenerClock")))
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(CLASSES);
  }

  @Test
  void theRulesSeeTheClasses() {
    classes()
        .that()
        .haveSimpleName("SqsGateway")
        .should(
            new com.tngtech.archunit.lang.ArchCondition<JavaClass>("know the SDK") {
              @Override
              public void check(JavaClass c, com.tngtech.archunit.lang.ConditionEvents events) {
                boolean knows =
                    c.getDirectDependenciesFromSelf().stream()
                        .anyMatch(d -> d.getTargetClass().getName().startsWith("software.amazon"));
                events.add(new SimpleConditionEvent(c, knows, "knows the SDK: " + knows));
              }
            })
        .check(CLASSES);
    classes()
        .that()
        .haveSimpleName("MultiSqsListener")
        .should()
        .haveModifier(ABSTRACT)
        .check(CLASSES);
  }
}
