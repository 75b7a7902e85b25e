//! Saved queries and device groups.

use firmdrop_cloud::pelion::ListQuery;

use super::campaign_world::{ALL, AT_ONCE, pucks, world};

#[tokio::test]
async fn queries_and_groups_are_kept_by_the_service() {
    let world = world(vec![pucks(3)], AT_ONCE).await;
    let pelion = world.pelion();
    let query = pelion
        .create_device_query("mine", "name__eq=a%20b")
        .await
        .unwrap();
    let changed = pelion
        .change_device_query(&query.id, "mine", ALL)
        .await
        .unwrap();
    assert_eq!(changed.query, ALL);
    assert_eq!(
        pelion
            .device_queries(&ListQuery::default())
            .await
            .unwrap()
            .data
            .len(),
        1
    );
    pelion.delete_device_query(&query.id).await.unwrap();

    let device = pelion
        .devices(&ListQuery::default())
        .await
        .unwrap()
        .data
        .remove(0);
    let group = pelion.create_device_group("bench", "").await.unwrap();
    pelion
        .add_device_to_group(&group.id, &device.id)
        .await
        .unwrap();
    let members = pelion
        .group_devices(&group.id, &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(members.data[0].id, device.id);
    assert_eq!(
        pelion.device(&device.id).await.unwrap().groups,
        std::slice::from_ref(&group.id)
    );
    pelion
        .remove_device_from_group(&group.id, &device.id)
        .await
        .unwrap();
    assert!(pelion.device(&device.id).await.unwrap().groups.is_empty());
    let renamed = pelion
        .change_device_group(&group.id, Some("wall"), None)
        .await
        .unwrap();
    assert_eq!(renamed.name, "wall");
    pelion.delete_device_group(&group.id).await.unwrap();
}
