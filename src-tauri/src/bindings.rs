//! The commands and events of the window, and the typed bindings made from them.

use firmdrop_api::{azure, pelion};
use tauri::Wry;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::commands::azure::{deployments, fleet, import, logs, updates};
use crate::commands::pelion::{campaigns, devices, filter, lists, manifests};
use crate::commands::{
    account, bench, console, delivery, demo, doctor, image, job, reader, startup, window,
};
use crate::event::{CloseAsked, FilesDropped, FilesOpened};

/// Everything the page may call and hear.
#[expect(clippy::too_many_lines, reason = "a list, a line for each command")]
pub(crate) fn builder() -> Builder<Wry> {
    Builder::<Wry>::new()
        .error_handling(ErrorHandlingMode::Throw)
        .commands(collect_commands![
            startup::startup,
            startup::watch,
            startup::save_settings,
            startup::error_codes,
            image::inspect,
            image::compare,
            image::offers,
            image::digests,
            image::fetch_file,
            image::allow_host,
            image::pick_files,
            image::open_texts,
            image::open_job_files,
            image::open_sample,
            delivery::plan,
            delivery::deliver,
            job::job,
            job::pause_job,
            job::resume_job,
            job::use_existing_image,
            job::adopt_upload_job,
            job::cancel_job,
            job::job_log,
            job::export_log,
            lists::cloud_upload_jobs,
            lists::cloud_images,
            manifests::cloud_manifests,
            manifests::cloud_manifest,
            manifests::manifest_keys,
            manifests::new_manifest_key,
            manifests::import_manifest_key,
            manifests::certify_manifest_key,
            manifests::make_manifest,
            manifests::send_manifest,
            devices::cloud_devices,
            devices::cloud_device,
            devices::cloud_group_devices,
            devices::count_cloud_devices,
            lists::cloud_queries,
            lists::save_cloud_query,
            lists::cloud_groups,
            lists::delete_in_cloud,
            campaigns::cloud_campaigns,
            campaigns::create_campaign,
            campaigns::change_campaign,
            campaigns::blast_radius,
            campaigns::start_campaign,
            campaigns::stop_campaign,
            campaigns::archive_campaign,
            campaigns::campaign_live,
            campaigns::campaign_devices,
            campaigns::export_campaign,
            campaigns::copy_of_campaign,
            filter::filter_attributes,
            filter::read_filter,
            filter::write_filter,
            import::update_file,
            import::read_import_manifest,
            import::check_import_manifest,
            import::mend_import_manifest,
            import::save_import_manifest,
            import::plan_import,
            updates::adu_updates,
            updates::adu_update,
            updates::delete_adu_update,
            updates::adu_operations,
            deployments::adu_groups,
            deployments::adu_reach,
            deployments::adu_reach_of_manifest,
            deployments::adu_deployments,
            deployments::adu_deployment,
            deployments::start_adu_deployment,
            deployments::cancel_adu_deployment,
            deployments::retry_adu_deployment,
            deployments::delete_adu_deployment,
            fleet::adu_devices,
            fleet::adu_device_health,
            fleet::adu_classes,
            fleet::adu_updates_of_class,
            fleet::rename_adu_class,
            fleet::adu_compliance,
            fleet::adu_best_updates,
            fleet::explain_adu_code,
            logs::collect_adu_logs,
            logs::adu_logs,
            logs::adu_log,
            reader::readers,
            reader::probe,
            reader::add_reader,
            reader::rename_reader,
            reader::restart_reader,
            reader::reader_label,
            reader::recovery,
            reader::remove_reader,
            console::open_console,
            console::write_console,
            console::close_console,
            bench::bench,
            bench::bench_lane,
            bench::pick_record,
            bench::open_bench,
            bench::watch_bench,
            bench::arm_bench,
            bench::disarm_bench,
            bench::teach_bench,
            bench::forget_lane,
            bench::retry_lane,
            bench::retry_failed_lanes,
            bench::acknowledge_lane,
            bench::close_bench,
            account::accounts,
            account::account_forms,
            account::add_account,
            account::change_account,
            account::remove_account,
            account::test_account,
            doctor::doctor,
            doctor::make_fix,
            doctor::undo_fix,
            demo::open_demo,
            demo::set_demo_fault,
            window::pause_and_quit,
            window::continue_hidden,
            window::set_zoom,
            window::operator_mode,
        ])
        .typ::<pelion::PelionOptions>()
        .typ::<pelion::PlannedCampaign>()
        .typ::<azure::AzureOptions>()
        .typ::<azure::PlannedImport>()
        .events(collect_events![FilesOpened, FilesDropped, CloseAsked])
}

#[cfg(test)]
mod shapes;

#[cfg(test)]
mod tests {
    use super::*;

    /// Types that the page uses though no command names them: they lie in a value without a type.
    const ROOTS: [&str; 4] = [
        "PelionOptionsRequest",
        "PlannedCampaign",
        "AzureOptionsRequest",
        "PlannedImport",
    ];

    const HEADER: &str = "// Generated from the commands of the shell. Never edited: UPDATE_BINDINGS=1 cargo test -p firmdrop bindings\n/* eslint-disable */\n";

    fn exported(builder: &Builder<Wry>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bindings.ts");
        let language = specta_typescript::Typescript::default().header(HEADER);
        builder.export(language, &file).unwrap();
        std::fs::read_to_string(file).unwrap()
    }

    #[test]
    fn the_committed_bindings_are_what_the_commands_say() {
        let fresh = shapes::named(
            &exported(&builder()),
            &exported(&builder().disable_serde_phases()),
            &ROOTS,
        );
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/ipc/bindings.ts");
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            std::fs::write(committed, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(committed).unwrap_or_default();
        assert!(
            committed == fresh,
            "ui/src/ipc/bindings.ts is stale: UPDATE_BINDINGS=1 cargo test -p firmdrop bindings"
        );
    }
}
