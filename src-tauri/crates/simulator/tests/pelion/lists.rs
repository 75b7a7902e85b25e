//! Pages and filters of the collections, over the wire.

use super::*;

fn names(page: &Value) -> Vec<&str> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_lead_through_all_jobs_in_both_orders() {
    let world = World::start().await;
    for number in 0..5 {
        world.job(&format!("job {number}")).await;
    }
    for (order, expected) in [("ASC", [0, 1, 2, 3, 4]), ("DESC", [4, 3, 2, 1, 0])] {
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("{JOBS}?limit=2&order={order}&after={after}&include=total_count");
            let page = world.read(&path).await;
            assert_eq!(page["order"], order);
            assert_eq!(page["total_count"], 5);
            found.extend(names(&page).into_iter().map(str::to_owned));
            if page["has_more"] == false {
                break;
            }
            let last = page["data"].as_array().unwrap().last().unwrap();
            after = last["id"].as_str().unwrap().to_owned();
        }
        assert_eq!(found, expected.map(|number| format!("job {number}")));
    }
}

#[tokio::test]
async fn a_page_can_be_continued_after_its_last_item_was_deleted() {
    let world = World::start().await;
    world.job("one").await;
    let two = world.job("two").await;
    world.job("three").await;
    world.delete(&two).await;
    let after = two.rsplit('/').next().unwrap();
    assert_eq!(
        names(&world.read(&format!("{JOBS}?after={after}")).await),
        ["three"]
    );
}

#[tokio::test]
async fn both_filter_dialects_find_a_job_by_name_and_by_status() {
    let world = World::start().await;
    let started = world.job("a b&c").await;
    world.job("other").await;
    world.store(&started, b"bytes").await;
    for query in [
        "name__eq=a+b%26c",
        "filter=name__eq%3Da%2Bb%2526c",
        "filter=status__eq%3Din_progress",
        "status__nin=not_started,completed",
        "filter=complete=false&status__neq=not_started",
    ] {
        let page = world.read(&format!("{JOBS}?{query}")).await;
        assert_eq!(names(&page), ["a b&c"], "{query}");
    }
    let refused = world.get(&format!("{JOBS}?name__like=a")).await;
    assert_refused(refused, 400, "validation_error").await;
}

#[tokio::test]
async fn images_are_found_by_checksum_size_and_date() {
    let world = World::start().await;
    world.finished("one", &[b"bytes"]).await;
    world.finished("two", &[b"other bytes"]).await;
    let all = world.read(IMAGES).await;
    let (one, two) = (&all["data"][0], &all["data"][1]);
    for query in [
        format!(
            "datafile_checksum__eq={}",
            two["datafile_checksum"].as_str().unwrap()
        ),
        "datafile_size__in=11,12".to_owned(),
        format!("id__neq={}", one["id"].as_str().unwrap()),
        format!(
            "filter=created_at__gte%3D{}",
            two["created_at"].as_str().unwrap()
        ),
        "name=two".to_owned(),
    ] {
        assert_eq!(
            names(&world.read(&format!("{IMAGES}?{query}")).await),
            ["two"],
            "{query}"
        );
    }
}

#[tokio::test]
async fn chunks_are_found_by_length_and_by_hash_in_both_forms() {
    let world = World::start().await;
    let job = world.job("meter").await;
    world.store(&job, b"bytes").await;
    let second = world.store(&job, b"other bytes").await;
    let base64 = Md5::of(b"other bytes").to_base64().replace('+', "%2B");
    for query in [
        "length__gte=6".to_owned(),
        "id__in=2,3".to_owned(),
        format!("hash__eq={}", second["hash"].as_str().unwrap()),
        format!("hash__eq={base64}"),
        "after=1".to_owned(),
    ] {
        let page = world.read(&format!("{job}/chunks?{query}")).await;
        assert_eq!(page["data"], json!([second]), "{query}");
    }
}
